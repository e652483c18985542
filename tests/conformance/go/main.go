// Judge reads a folder that Adamas published and says whether Go's own packages agree with it.
//
// Nothing of Adamas is used: note.Open verifies the checkpoint, tlog.CheckRecord and tlog.CheckTree the proofs that
// Adamas made, and tlog.TileHashReader computes the proofs again from the published tiles, every one of which it
// verifies against the root. Only the paths are rewritten: Go names a tile's height in them, tlog-tiles does not.
//
//	judge FOLDER CASES.json [proofs]
//
// prints one line for each kind of thing judged, or the first disagreement and exit code 1; with the word proofs it
// judges proof files only, which need no tiles.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type cases struct {
	Inclusion []struct {
		Index int64
		Entry []byte
		Proof [][]byte
	}
	Consistency []struct {
		Size  int64
		Root  []byte
		Proof [][]byte
	}
	ProofFiles []struct { // tlog-proof files, and the entry that each is about
		Entry []byte
		File  []byte
	}
}

func main() {
	if len(os.Args) < 3 {
		fail("usage: judge FOLDER CASES.json [proofs]")
	}
	folder := os.Args[1]
	vkey := strings.TrimSpace(string(read(folder, "vkey")))
	verifier, err := note.NewVerifier(vkey)
	check(err, "the verifier key")
	tree := openCheckpoint(read(folder, "checkpoint"), verifier)
	fmt.Printf("checkpoint %d\n", tree.N)

	var asked cases
	data, err := os.ReadFile(os.Args[2])
	check(err, "the cases")
	check(json.Unmarshal(data, &asked), "the cases")
	if len(os.Args) > 3 {
		judgeProofFiles(asked, verifier)
		return
	}
	hashes := tlog.TileHashReader(tree, &tiles{folder})
	judgeInclusion(asked, tree, hashes)
	judgeConsistency(asked, tree, hashes)
	judgeProofFiles(asked, verifier)
	judgeEntries(folder, tree, hashes)
}

func judgeInclusion(asked cases, tree tlog.Tree, hashes tlog.HashReader) {
	for _, c := range asked.Inclusion {
		leaf := tlog.RecordHash(c.Entry)
		check(tlog.CheckRecord(proof(c.Proof), tree.N, tree.Hash, c.Index, leaf), "inclusion of %d", c.Index)
		own, err := tlog.ProveRecord(tree.N, c.Index, hashes)
		check(err, "tiles under entry %d", c.Index)
		same(proof(c.Proof), own, "inclusion of %d", c.Index)
	}
	fmt.Printf("inclusion %d\n", len(asked.Inclusion))
}

func judgeConsistency(asked cases, tree tlog.Tree, hashes tlog.HashReader) {
	for _, c := range asked.Consistency {
		older := hash(c.Root)
		check(tlog.CheckTree(tlog.TreeProof(proof(c.Proof)), tree.N, tree.Hash, c.Size, older), "consistency with %d", c.Size)
		own, err := tlog.ProveTree(tree.N, c.Size, hashes)
		check(err, "tiles for size %d", c.Size)
		same(proof(c.Proof), tlog.RecordProof(own), "consistency with %d", c.Size)
	}
	fmt.Printf("consistency %d\n", len(asked.Consistency))
}

func judgeProofFiles(asked cases, verifier note.Verifier) {
	for n, c := range asked.ProofFiles {
		head, signed, found := bytes.Cut(c.File, []byte("\n\n"))
		if !found {
			fail("proof file %d has no empty line", n)
		}
		lines := strings.Split(string(head), "\n")
		if lines[0] != "c2sp.org/tlog-proof@v1" {
			fail("proof file %d begins %q", n, lines[0])
		}
		lines = lines[1:]
		if strings.HasPrefix(lines[0], "extra ") {
			lines = lines[1:]
		}
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
		check(err, "proof file %d", n)
		var path [][]byte
		for _, line := range lines[1:] {
			path = append(path, decode(line))
		}
		tree := openCheckpoint(signed, verifier)
		check(tlog.CheckRecord(proof(path), tree.N, tree.Hash, index, tlog.RecordHash(c.Entry)), "proof file %d", n)
	}
	fmt.Printf("proof-files %d\n", len(asked.ProofFiles))
}

// judgeEntries reads every entry bundle, compares each entry's hash with the tile above it, and computes the root anew.
func judgeEntries(folder string, tree tlog.Tree, hashes tlog.HashReader) {
	var computed stored
	for start := int64(0); start < tree.N; start += 1 << height {
		width := tree.N - start
		if width > 1<<height {
			width = 1 << height
		}
		tile := tlog.Tile{H: height, L: -1, N: start >> height, W: int(width)}
		bundle := read(folder, place(tile))
		for i := start; i < start+width; i++ {
			if len(bundle) < 2 {
				fail("the bundle at %d ends early", start)
			}
			size := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+size {
				fail("the bundle at %d ends in entry %d", start, i)
			}
			above, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
			check(err, "the tile above entry %d", i)
			leaf := tlog.RecordHash(bundle[2 : 2+size])
			if leaf != above[0] {
				fail("entry %d is not the one in the tree", i)
			}
			more, err := tlog.StoredHashesForRecordHash(i, leaf, computed)
			check(err, "the tree over entry %d", i)
			computed = append(computed, more...)
			bundle = bundle[2+size:]
		}
		if len(bundle) != 0 {
			fail("the bundle at %d has %d bytes too many", start, len(bundle))
		}
	}
	root, err := tlog.TreeHash(tree.N, computed)
	check(err, "the tree over all entries")
	if root != tree.Hash {
		fail("the entries have another root")
	}
	fmt.Printf("entries %d\n", tree.N)
}

// stored is Go's layout of all hashes of a tree, in memory.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		found[i] = s[x]
	}
	return found, nil
}

func openCheckpoint(signed []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err, "the checkpoint")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		fail("the checkpoint's text is %q", opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "the checkpoint's size")
	return tlog.Tree{N: size, Hash: hash(decode(lines[2]))}
}

type tiles struct{ folder string }

func (t *tiles) Height() int { return height }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		data, err := os.ReadFile(filepath.Join(t.folder, place(tile)))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// place is Go's path without the height, and with the name that tlog-tiles gives to entries.
func place(tile tlog.Tile) string {
	rest := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	return "tile/" + strings.Replace(rest, "data/", "entries/", 1)
}

func proof(path [][]byte) tlog.RecordProof {
	var made tlog.RecordProof
	for _, item := range path {
		made = append(made, hash(item))
	}
	return made
}

func hash(data []byte) (h tlog.Hash) {
	if len(data) != len(h) {
		fail("a hash has %d bytes", len(data))
	}
	copy(h[:], data)
	return h
}

func same(theirs, own tlog.RecordProof, what string, args ...any) {
	if fmt.Sprint(theirs) != fmt.Sprint(own) {
		fail("%s: Go proves it otherwise", fmt.Sprintf(what, args...))
	}
}

func decode(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	check(err, "base64")
	return data
}

func read(folder, name string) []byte {
	data, err := os.ReadFile(filepath.Join(folder, name))
	check(err, "%s", name)
	return data
}

func check(err error, what string, args ...any) {
	if err != nil {
		fail("%s: %v", fmt.Sprintf(what, args...), err)
	}
}

func fail(what string, args ...any) {
	fmt.Fprintf(os.Stderr, what+"\n", args...)
	os.Exit(1)
}
