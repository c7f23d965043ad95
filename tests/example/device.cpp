// Checks that a C++ program can use the public header.
#include <cstdio>
#include <string>

#include <cmig.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return CMIG_USAGE;
    const std::string url = std::string("sqlite:///") + argv[2];
    cmig_options options = {};
    options.size = sizeof options;
    options.folder = argv[1];
    options.url = url.c_str();

    cmig *project = nullptr;
    cmig_status status = cmig_open(&project, &options);
    if (status == CMIG_OK)
        status = cmig_downgrade(project, "base");
    if (status == CMIG_OK)
        status = cmig_upgrade(project, "head");
    if (status != CMIG_OK)
        std::fprintf(stderr, "%s", cmig_error(project));
    cmig_close(project);
    std::printf("cmig %s\n", cmig_version());
    return status;
}
