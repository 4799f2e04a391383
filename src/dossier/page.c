/* page.c - report.html: the page with its data inside, readable offline
 *
 * The page is one file, built from web/ and assembled into the library as it is; CMake
 * gives its path. It holds one data element whose content is a mark; the JSON takes the
 * mark's place. The JSON writer escapes "<", so no text can end the element.
 */
#include "dossier/page.h"

#include "dossier/report_json.h"

#ifndef LKS_PAGE_PATH
#error "LKS_PAGE_PATH must be the path of the built page"
#endif

__asm__(".pushsection .rodata\n"
        ".global lks_page_start\n"
        ".hidden lks_page_start\n"
        ".type lks_page_start, %object\n"
        "lks_page_start:\n"
        ".incbin \"" LKS_PAGE_PATH "\"\n"
        ".global lks_page_end\n"
        ".hidden lks_page_end\n"
        ".type lks_page_end, %object\n"
        "lks_page_end:\n"
        ".byte 0\n"
        ".popsection\n");

extern const char lks_page_start[];
extern const char lks_page_end[];

static const char page_mark[] =
    "<script id=\"data\" type=\"application/json\">/*LOCKSTEP-DATA*/</script>";

int lks_page_write(const struct lks_results *results, const char *path, struct lks_error *err)
{
    struct lks_writer writer;
    const char *page = lks_page_start;
    size_t size_bytes = (size_t)(lks_page_end - lks_page_start);
    const char *mark = memmem(page, size_bytes, page_mark, sizeof page_mark - 1);
    LKS_ASSERT(mark);
    const char *data = strchr(mark, '>') + 1;
    const char *rest = strchr(data, '<');
    int code = lks_writer_open(&writer, path, err);
    if (code)
        return code;
    lks_writer_put(&writer, page, (size_t)(data - page));
    code = lks_report_json_put(results, &writer, err);
    if (code) {
        lks_writer_abandon(&writer);
        return code;
    }
    lks_writer_put(&writer, rest, (size_t)(lks_page_end - rest));
    return lks_writer_commit(&writer, err);
}
