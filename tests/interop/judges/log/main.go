// Verifies a whole log with golang.org/x/mod/sumdb: the checkpoint's signature with note, every entry, tile and proof
// with tlog. It shares no code with the node.
//
// usage: judge URL-or-FOLDER VERIFIER-KEY
//
// Prints the size and the root (hex) of a log that holds; else one sentence on stderr and status 1.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

var errAbsent = errors.New("not there")

// source reads a log's files, by its address or out of a folder.
type source struct{ root string }

func (s source) read(path string) ([]byte, error) {
	if !strings.HasPrefix(s.root, "http") {
		data, err := os.ReadFile(filepath.Join(s.root, path))
		if errors.Is(err, os.ErrNotExist) {
			return nil, errAbsent
		}
		return data, err
	}
	answer, err := http.Get(s.root + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return nil, errAbsent
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", path, answer.StatusCode)
	}
	return io.ReadAll(answer.Body)
}

// tiles is a tlog.TileReader over C2SP tlog-tiles, whose paths leave the height out.
type tiles struct {
	source source
	held   map[string][]byte
}

func (t *tiles) Height() int                         { return height }
func (t *tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		data, ok := t.held[path]
		if !ok {
			var err error
			if data, err = t.source.read(path); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			t.held[path] = data
		}
		found = append(found, data)
	}
	return found, nil
}

func checkpoint(s source, key string) (tlog.Tree, error) {
	var tree tlog.Tree
	signed, err := s.read("checkpoint")
	if err != nil {
		return tree, err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree, errors.New("the checkpoint is not that of this log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree, errors.New("the root is not one")
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

// entries are those of one bundle, each with its length before it.
func entries(s source, index int64, count int) ([][]byte, error) {
	tile := tlog.Tile{H: height, L: 0, N: index, W: count}
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", height), "tile/entries/", 1)
	data, err := s.read(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var found [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s ends in the middle of an entry", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		found, data = append(found, data[2:end]), data[end:]
	}
	if len(found) != count {
		return nil, fmt.Errorf("%s holds %d entries, not %d", path, len(found), count)
	}
	return found, nil
}

func judge(s source, key string) (tlog.Tree, error) {
	tree, err := checkpoint(s, key)
	if err != nil {
		return tree, err
	}
	// It authenticates every tile against the signed root before it answers.
	hashes := tlog.TileHashReader(tree, &tiles{s, map[string][]byte{}})
	for first := int64(0); first < tree.N; first += width {
		count := width
		if tree.N-first < width {
			count = int(tree.N - first)
		}
		bundle, err := entries(s, first/width, count)
		if err != nil {
			return tree, err
		}
		var indexes []int64
		for number := range bundle {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(number)))
		}
		signed, err := hashes.ReadHashes(indexes)
		if err != nil {
			return tree, err
		}
		for number, entry := range bundle {
			if tlog.RecordHash(entry) != signed[number] {
				return tree, fmt.Errorf("entry %d is not the one that was signed", first+int64(number))
			}
		}
	}
	return tree, proofs(tree, hashes)
}

// proofs: that a few entries are included, and that a few earlier trees are the beginning of this one.
func proofs(tree tlog.Tree, hashes tlog.HashReader) error {
	for _, at := range []int64{1, tree.N / 3, tree.N / 2, tree.N - 1, tree.N} {
		if at < 1 {
			continue
		}
		earlier, err := tlog.TreeHash(at, hashes)
		if err != nil {
			return err
		}
		grown, err := tlog.ProveTree(tree.N, at, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(grown, tree.N, tree.Hash, at, earlier); err != nil {
			return err
		}
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, at-1)})
		if err != nil {
			return err
		}
		included, err := tlog.ProveRecord(tree.N, at-1, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(included, tree.N, tree.Hash, at-1, leaf[0]); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: judge URL-or-FOLDER VERIFIER-KEY")
		os.Exit(2)
	}
	tree, err := judge(source{strings.TrimSuffix(os.Args[1], "/")}, os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(tree.N, hex.EncodeToString(tree.Hash[:]))
}
