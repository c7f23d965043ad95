/* Runs a fuzz target over given files, where there is no fuzzer. */
#include "fuzz.h"

int main(int argc, char **argv)
{
    static char text[FS_TEXT_LIMIT];

    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");

        if (!file) {
            fprintf(stderr, "cannot open '%s'\n", argv[i]);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)text, fread(text, 1, sizeof(text), file));
        fclose(file);
    }
    return 0;
}
