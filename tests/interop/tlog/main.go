// Command interop checks a log of lockstep's with Go's own transparency-log library
// (golang.org/x/mod/sumdb): notes, tiles, entries, inclusion and consistency proofs, proof files.
//
//	interop log FOLDER KEYS [CHECKPOINT...]   every entry of a log; earlier checkpoints it continues
//	interop proof FILE ENTRY KEYS             a proof file for one entry
//
// KEYS is a file of verifier keys, one a line. It prints one JSON object, or says what is wrong.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosignature is a witness's key: type 4, which signs the time too.
type cosignature struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosignature) Name() string    { return c.name }
func (c *cosignature) KeyHash() uint32 { return c.hash }
func (c *cosignature) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.key, append([]byte(head), msg...), sig[8:])
}

func verifier(text string) (note.Verifier, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("no verifier key: " + text)
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 33 {
		return nil, errors.New("no verifier key: " + text)
	}
	if typed[0] != 4 {
		return note.NewVerifier(text)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	if hex.EncodeToString(sum[:4]) != parts[1] {
		return nil, errors.New("a key's id is not its own: " + text)
	}
	return &cosignature{parts[0], binary.BigEndian.Uint32(sum[:4]), typed[1:]}, nil
}

func keys(file string) ([]note.Verifier, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []note.Verifier
	for _, line := range strings.Fields(string(text)) {
		v, err := verifier(line)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// checkpoint opens a signed note and reads its three lines.
func checkpoint(bytes []byte, list []note.Verifier) (tlog.Tree, []string, error) {
	var tree tlog.Tree
	n, err := note.Open(bytes, note.VerifierList(list...))
	if err != nil {
		return tree, nil, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 {
		return tree, nil, errors.New("a checkpoint has three lines")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, nil, err
	}
	if tree.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		return tree, nil, err
	}
	var names []string
	own := false
	for _, sig := range n.Sigs {
		names = append(names, sig.Name)
		own = own || sig.Name == lines[0]
	}
	if !own {
		return tree, nil, errors.New("the log itself did not sign")
	}
	return tree, names, nil
}

// tiles reads a log's folder for tlog. Its paths name the height of tiles, ours leave it out.
type tiles struct {
	folder string
	read   int
}

func (t *tiles) Height() int { return 8 }
func (t *tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range list {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(t.folder, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		t.read++
		all = append(all, data)
	}
	return all, nil
}
func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// entries cuts the bundle with that number; the tlog library has no such thing.
func (t *tiles) entries(index, size int64) ([][]byte, error) {
	width := size - index*256
	if width > 256 {
		width = 256
	}
	tile := tlog.Tile{H: 8, L: 0, N: index, W: int(width)}
	path := "tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/0/")
	data, err := os.ReadFile(filepath.Join(t.folder, filepath.FromSlash(path)))
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("a bundle is cut: " + path)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		all = append(all, data[2:end])
		data = data[end:]
	}
	if int64(len(all)) != width {
		return nil, fmt.Errorf("%s holds %d entries, not %d", path, len(all), width)
	}
	return all, nil
}

func checkLog(folder string, list []note.Verifier, earlier []string) (any, error) {
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return nil, err
	}
	tree, names, err := checkpoint(text, list)
	if err != nil {
		return nil, err
	}
	source := &tiles{folder: folder}
	reader := tlog.TileHashReader(tree, source) // checks every tile against the root
	proofs := 0
	for index := int64(0); index*256 < tree.N; index++ {
		bundle, err := source.entries(index, tree.N)
		if err != nil {
			return nil, err
		}
		var wanted []int64
		for i := range bundle {
			wanted = append(wanted, tlog.StoredHashIndex(0, index*256+int64(i)))
		}
		leaves, err := reader.ReadHashes(wanted)
		if err != nil {
			return nil, err
		}
		for i, entry := range bundle {
			at := index*256 + int64(i)
			if leaf := tlog.RecordHash(entry); leaf != leaves[i] {
				return nil, fmt.Errorf("entry %d is not that of its tile", at)
			}
			if tree.N > 4096 && at%997 != 0 && at != tree.N-1 {
				continue
			}
			proof, err := tlog.ProveRecord(tree.N, at, reader)
			if err != nil {
				return nil, err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, at, leaves[i]); err != nil {
				return nil, err
			}
			proofs++
		}
	}
	for _, file := range earlier {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		old, _, err := checkpoint(text, list)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return map[string]any{"size": tree.N, "signers": names, "inclusions": proofs, "continues": len(earlier)}, nil
}

func checkProof(file, entryFile string, list []note.Verifier) (any, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return nil, err
	}
	head, signed, found := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, errors.New("this is no proof file")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return nil, errors.New("a proof file names its index")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return nil, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		proof = append(proof, hash)
	}
	tree, names, err := checkpoint(signed, list)
	if err != nil {
		return nil, err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return nil, err
	}
	return map[string]any{"size": tree.N, "index": index, "signers": names}, nil
}

func run(arguments []string) (any, error) {
	switch {
	case len(arguments) >= 3 && arguments[0] == "log":
		list, err := keys(arguments[2])
		if err != nil {
			return nil, err
		}
		return checkLog(arguments[1], list, arguments[3:])
	case len(arguments) == 4 && arguments[0] == "proof":
		list, err := keys(arguments[3])
		if err != nil {
			return nil, err
		}
		return checkProof(arguments[1], arguments[2], list)
	}
	return nil, errors.New("interop log FOLDER KEYS [CHECKPOINT...] | interop proof FILE ENTRY KEYS")
}

func main() {
	answer, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(answer)
}
