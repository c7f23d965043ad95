# Written by packaging/build.sh: @VERSION@, @URL@ and @SHA256@ are those of the source archive.
class Cmig < Formula
  desc "Schema migrations for SQLite, PostgreSQL and MariaDB"
  url "@URL@"
  version "@VERSION@"
  sha256 "@SHA256@"
  license "MIT"

  depends_on "meson" => :build
  depends_on "ninja" => :build
  depends_on "pkg-config" => :build
  depends_on "libgit2"
  depends_on "libpq"
  depends_on "libyaml"
  depends_on :linux
  depends_on "mariadb-connector-c"
  depends_on "sqlite"

  def install
    system "meson", "setup", "build", "-Dtests=false", "-Dpostgresql=linked", "-Dmysql=linked", "-Dgit=linked",
           *std_meson_args
    system "meson", "compile", "-C", "build"
    system "meson", "install", "-C", "build"
  end

  test do
    system bin/"cmig", "init", "shop"
    cd "shop" do
      system bin/"cmig", "--url", "sqlite:///shop.db", "revision", "--autogenerate", "-m", "first"
      system bin/"cmig", "--url", "sqlite:///shop.db", "upgrade"
    end
  end
end
