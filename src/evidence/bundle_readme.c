/* bundle_readme.c - README.txt of a bag: what it is, and how to verify it with other programs
 *
 * The commands need a shell, openssl 3, coreutils and python3; tests run them as they stand here. */
#include "evidence/bundle.h"

static const char commands[] =
    "HOW TO VERIFY\n"
    "\n"
    "Run these from this folder; they write nothing into it. None of them is ours. `lockstep "
    "verify .`\n"
    "does all of it at once, and more.\n"
    "\n"
    "1. Nothing is missing, nothing changed since the bag was made (RFC 8493). Either of:\n"
    "\n"
    "    bagit.py --validate .\n"
    "    sha512sum --check --quiet manifest-sha512.txt tagmanifest-sha512.txt\n"
    "\n"
    "2. The state of the log is signed by the key in data/log/signer.vkey. Compare that key with "
    "the\n"
    "   one that you were given on another way.\n"
    "\n"
    "    W=$(mktemp -d)\n"
    "    printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000' > $W/key.der\n"
    "    cut -d+ -f3- data/log/signer.vkey | base64 -d | tail -c 32 >> $W/key.der\n"
    "    head -n 3 data/log/checkpoint > $W/note\n"
    "    sed -n 5p data/log/checkpoint | cut -d' ' -f3 | base64 -d | tail -c 64 > $W/note.sig\n"
    "    openssl pkeyutl -verify -pubin -keyform DER -inkey $W/key.der -rawin \\\n"
    "        -in $W/note -sigfile $W/note.sig\n"
    "\n"
    "3. Every file of data/ is named, with its SHA-256, in a statement that the same key signed\n"
    "   (in-toto, DSSE):\n"
    "\n"
    "    python3 - $W <<'END'\n"
    "    import base64, hashlib, json, pathlib, sys\n"
    "    envelope = json.load(open('manifest.dsse.json'))\n"
    "    body, kind = base64.b64decode(envelope['payload']), envelope['payloadType'].encode()\n"
    "    folder = pathlib.Path(sys.argv[1])\n"
    "    (folder / 'body').write_bytes(b'DSSEv1 %d %s %d %s' % (len(kind), kind, len(body), "
    "body))\n"
    "    (folder / 'body.sig').write_bytes(base64.b64decode(envelope['signatures'][0]['sig']))\n"
    "    named = {s['name']: s['digest']['sha256'] for s in json.loads(body)['subject']}\n"
    "    there = {str(p): hashlib.sha256(p.read_bytes()).hexdigest()\n"
    "             for p in pathlib.Path('data').rglob('*') if p.is_file()}\n"
    "    assert named == there\n"
    "    print(len(named), 'files are those of the manifest')\n"
    "    END\n"
    "    openssl pkeyutl -verify -pubin -keyform DER -inkey $W/key.der -rawin \\\n"
    "        -in $W/body -sigfile $W/body.sig\n"
    "\n"
    "4. Every statement stands in the log (RFC 6962), every value that is shown is one to which a\n"
    "   statement is bound (RFC 9901), and every record has its statement:\n"
    "\n"
    "    python3 - <<'END'\n"
    "    import base64, hashlib, json, pathlib\n"
    "    sha = lambda data: hashlib.sha256(data).digest()\n"
    "    url = lambda data: base64.urlsafe_b64encode(data).decode().rstrip('=')\n"
    "    checkpoint = open('data/log/checkpoint').read()\n"
    "    size, root = int(checkpoint.split('\\n')[1]), "
    "base64.b64decode(checkpoint.split('\\n')[2])\n"
    "    def climb(index, leaf, hashes):\n"
    "        at, last, hash = index, size - 1, leaf\n"
    "        for sibling in hashes:\n"
    "            if at & 1 or at == last:\n"
    "                hash = sha(b'\\1' + sibling + hash)\n"
    "                while not at & 1 and at:\n"
    "                    at, last = at >> 1, last >> 1\n"
    "            else:\n"
    "                hash = sha(b'\\1' + hash + sibling)\n"
    "            at, last = at >> 1, last >> 1\n"
    "        return hash if last == 0 else None\n"
    "    statements = {}\n"
    "    for line in open('data/log/statements', encoding='utf-8'):\n"
    "        index, text = line.rstrip('\\n').split(' ', 1)\n"
    "        index, statements[int(index)] = int(index), json.loads(text)\n"
    "        proof = open(f'data/proofs/{index // 1000:03}/{index:012}.tlog-proof').read()\n"
    "        head, note = proof.split('\\n\\n', 1)\n"
    "        head = head.split('\\n')\n"
    "        assert head[0] == 'c2sp.org/tlog-proof@v1' and head[1] == f'index {index}'\n"
    "        assert note == checkpoint\n"
    "        assert climb(index, sha(b'\\0' + text.encode()), map(base64.b64decode, head[2:])) == "
    "root\n"
    "    values = {index: {} for index in statements}\n"
    "    for line in open('data/log/disclosures', encoding='utf-8'):\n"
    "        index, text = line.split()\n"
    "        assert url(sha(text.encode())) in statements[int(index)]['_sd']\n"
    "        _, name, value = json.loads(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)))\n"
    "        values[int(index)][name] = value\n"
    "    records = {index for index, s in statements.items() if s.get('what') == 'record'}\n"
    "    written = 0\n"
    "    for path in pathlib.Path('data/records').glob('*.ndjson'):\n"
    "        for line in open(path, encoding='utf-8'):\n"
    "            record, written = json.loads(line), written + 1\n"
    "            known = values[record['leaf']]\n"
    "            records.remove(record['leaf'])\n"
    "            for name, value in record.items():\n"
    "                if name not in ('leaf', 'proof'):\n"
    "                    text = value if isinstance(value, str) else json.dumps(value)\n"
    "                    assert text == known.get('shown.' + name, known.get(name)), (record, "
    "name)\n"
    "    frozen = max((s for s in statements.items() if s[1].get('what') == 'answer'))\n"
    "    assert not records and written == sum(frozen[1]['counts'].values()) and frozen[0] == size "
    "- 1\n"
    "    print(len(statements), 'statements proved,', written, 'records are those of the log')\n"
    "    END\n"
    "    rm -r $W\n"
    "\n"
    "5. Where data/log/anchors/ holds time stamps (RFC 3161), somebody else says when the log "
    "stood so:\n"
    "\n"
    "    for token in data/log/anchors/*.tsr; do\n"
    "      [ -e \"$token\" ] || continue\n"
    "      openssl ts -verify -data data/log/checkpoint -in \"$token\" -CAfile "
    "\"${token%.tsr}.pem\"\n"
    "    done\n"
    "\n";

static const char layout[] =
    "WHAT LIES WHERE\n"
    "\n"
    "  data/answer.json          the questions, what answers them, what is missing and why; the "
    "scope\n"
    "  data/records/             the records in the scope, a line (NDJSON) or row (Parquet) each\n"
    "  data/log/statements       entries of the log: \"INDEX STATEMENT\" a line\n"
    "  data/log/disclosures      the values behind their digests, as far as they are shown\n"
    "  data/log/checkpoint       the signed state of the log\n"
    "  data/proofs/              a proof for each statement (c2sp.org/tlog-proof)\n"
    "  data/findings/            findings.json, report.html (open it in a browser), network.gexf\n"
    "                            (Gephi), stix.json (STIX 2.1), takedown.csv; reasons-ENTRY.json\n"
    "                            where something was decided: statements of reasons as the public\n"
    "                            database takes them\n"
    "\n"
    "A member \"import\" of a record is the entry of the log by which its file came in; "
    "offset_bytes and\n"
    "length_bytes say where in that file (unpacked) it stands. A finding says coordinated, never "
    "guilty,\n"
    "and names no operator.\n";

void lks_bundle_readme(struct lks_bundle *bundle, struct lks_buffer *out)
{
    char time[LKS_TIME_TEXT_BYTES];
    lks_time_format(bundle->frozen_us, time);
    if (bundle->number)
        lks_buffer_format(out, "AMENDMENT %u OF THE ANSWER TO REQUEST %s\n\n", bundle->number,
                          bundle->request->id.data);
    else
        lks_buffer_format(out, "ANSWER TO REQUEST %s\n\n", bundle->request->id.data);
    if (bundle->synthetic)
        lks_buffer_text(out, "The data are synthetic: a simulator's, about nobody.\n\n");
    char counts[LKS_ANSWER_COUNTS_BYTES];
    lks_answer_counts_format(bundle->counts, counts);
    lks_buffer_format(out, "%s, as the log stood at entry %llu, %s.\n", counts,
                      (unsigned long long)bundle->frozen, time);
    if (bundle->number) {
        const struct lks_request_answer *before = &bundle->entry->answers[bundle->number - 1];
        lks_buffer_format(out,
                          "It corrects what was sent before: entry %llu of the log, whose "
                          "tagmanifest-sha512.txt has the SHA-256\n%s.\n",
                          (unsigned long long)before->leaf, before->digest.data);
    }
    lks_buffer_byte(out, '\n');
    lks_profile_describe(&bundle->profile, out);
    lks_buffer_byte(out, '\n');
    lks_buffer_text(out, commands);
    lks_buffer_text(out, layout);
}
