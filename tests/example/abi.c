/* Prints the parts of cmig.h on which a compiled program depends: the layout of its structs and its numbers. */
#include <cmig.h>
#include <stdio.h>

#define MEMBER(type, member) \
    printf("struct " #type ": %s at %zu, %zu bytes\n", #member, offsetof(struct type, member), \
        sizeof(((struct type *)0)->member))
#define NUMBER(name) printf("%s = %d\n", #name, (int)name)

int main(void)
{
    MEMBER(cmig_options, size);
    MEMBER(cmig_options, config_file);
    MEMBER(cmig_options, folder);
    MEMBER(cmig_options, environment);
    MEMBER(cmig_options, url);
    MEMBER(cmig_options, message);
    MEMBER(cmig_options, progress);
    MEMBER(cmig_options, user);
    MEMBER(cmig_options, files);
    MEMBER(cmig_options, file_count);
    MEMBER(cmig_options, sqlite);
    MEMBER(cmig_options, postgresql);
    printf("struct cmig_options: %zu bytes\n", sizeof(struct cmig_options));
    MEMBER(cmig_file, path);
    MEMBER(cmig_file, text);
    MEMBER(cmig_file, size);
    printf("struct cmig_file: %zu bytes\n", sizeof(struct cmig_file));
    NUMBER(CMIG_OK);
    NUMBER(CMIG_FAILED);
    NUMBER(CMIG_FOUND);
    NUMBER(CMIG_USAGE);
    NUMBER(CMIG_UNKNOWN_REVISION);
    NUMBER(CMIG_UNREACHABLE);
    NUMBER(CMIG_TRY_AGAIN);
    NUMBER(CMIG_CONFIG);
    NUMBER(CMIG_INTERRUPTED);
    NUMBER(CMIG_LOG_ERROR);
    NUMBER(CMIG_LOG_WARNING);
    NUMBER(CMIG_LOG_INFO);
    NUMBER(CMIG_LOG_DEBUG);
    return 0;
}
