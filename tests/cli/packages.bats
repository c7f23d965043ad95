# packages.sh: installs the packages that are missing, or says what root must run.

load helper

# Programs that stand in for Debian's: all packages but valgrind are installed, and sudo refuses.
stand_ins() { # LINE-OF-APT-GET...
    mkdir bin
    printf '%s\n' '#!/bin/sh' 'case "$*" in *valgrind*) exit 1 ;; esac' 'printf installed' >bin/dpkg-query
    printf '%s\n' '#!/bin/sh' 'exit 1' >bin/sudo
    printf '%s\n' '#!/bin/sh' "echo \"\$1\" >>$PWD/ran" "$@" >bin/apt-get
    printf '%s\n' '#!/bin/sh' 'echo "${USER_ID:-0}"' >bin/id
    chmod +x bin/*
    export PATH=$PWD/bin:$PATH TMPDIR=$PWD
}

packages() { # STATUS
    status=0
    sh "$TESTS/lib/packages.sh" tests >out 2>err </dev/null || status=$?
    [ "$status" = "$1" ] || { cat out err; return 1; }
}

@test "the output of apt is shown if it fails only" {
    stand_ins 'seq 600'
    packages 0
    same "$(cat out err)" "installing: valgrind"
    same "$(cat ran)" $'update\ninstall'
    ! ls cmig-packages.* 2>/dev/null
}

@test "without a network the log is named" {
    stand_ins 'echo "E: cannot resolve deb.debian.org"' 'exit 100'
    packages 1
    grep -q "cannot resolve deb.debian.org" err
    grep -q "'apt-get update' failed; is there a network? Its output is in $PWD/cmig-packages." err
    same "$(cat ran)" update
}

@test "without root and sudo the command for root is printed" {
    stand_ins
    export USER_ID=1000
    packages 1
    grep -qx "  apt-get install --no-install-recommends valgrind" err
    [ ! -e ran ]
}
