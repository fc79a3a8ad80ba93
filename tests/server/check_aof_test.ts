// check-aof: what it says about append-only files, and what it leaves of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkAofMain } from "../../server/check_aof.ts";
import { latin1 } from "../kit/resp.ts";
import { MemoryToolIo, withFiles } from "../kit/tool_io.ts";

const SET = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n";
const MULTI = "*1\r\n$5\r\nmulti\r\n";
const EXEC = "*1\r\n$4\r\nEXEC\r\n";
const TS = (seconds: number) => `#TS:${seconds}\r\n`;
const SNAPSHOT = "VALKEY080\xfe\x00\x00\x01k\x01v\xff\0\0\0\0\0\0\0\0";
const MANIFEST = "file base seq 1 type b\nfile one seq 1 type i\nfile two seq 2 type i\n";

interface Run {
  code: number;
  /** Standard output without the lines about snapshots. */
  stdout: string;
  /** The files afterwards. */
  files: Record<string, string>;
}

function run(
  files: Readonly<Record<string, string>>,
  name: string,
  options: readonly string[] = [],
  input = "",
): Run {
  return withFiles(files, (folder) => {
    const io = new MemoryToolIo(input);
    const code = checkAofMain("check-aof", [...options, join(folder, name)], io);
    const lines = io.stdout.replaceAll(folder + "/", "").split(/(?<=\n)/);
    const read = (file: string) => latin1(new Uint8Array(readFileSync(join(folder, file))));
    return {
      code,
      stdout: lines.filter((line) => !/^\[(?:offset|info)/.test(line)).join(""),
      files: Object.fromEntries(Object.keys(files).map((file) => [file, read(file)])),
    };
  });
}

const ONE_FILE: readonly [name: string, text: string, code: number, says: RegExp][] = [
  ["sound", SET + SET, 0, /size=54, ok_up_to=54, ok_up_to_line=15, diff=0\nAOF a is valid\n$/],
  ["empty", "", 0, /^Start checking Old-Style AOF\nAOF a is empty\n$/],
  [
    "a snapshot in front",
    SNAPSHOT + SET,
    0,
    /RDB preamble is OK.*\n.*ok_up_to=52.*\nAOF a is valid/,
  ],
  ["a damaged snapshot", SNAPSHOT.slice(0, 14), 1, /^RDB preamble of AOF file is not sane, abort/m],
  ["annotations", TS(1) + SET + "#x\r\n", 0, /ok_up_to=38, ok_up_to_line=8, diff=0\n/],
  ["an annotation cut off", SET + "#TS:1", 0, /ok_up_to=32, .*diff=0\n/],
  [
    "garbage behind",
    SET + "!!!",
    1,
    /^AOF a format error\n.*ok_up_to=27, ok_up_to_line=8, diff=3\n/m,
  ],
  [
    "cut off in a word",
    SET + SET.slice(0, 16),
    1,
    /^0x {14}28: .*\n.*ok_up_to=27, ok_up_to_line=11/m,
  ],
  ["a bad count", SET + "*x\r\n" + SET, 1, /^0x {14}1b: .*2a78\n.*ok_up_to=27/m],
  ["no word at all", "*0\r\n", 1, /is not valid. Use the --fix option/],
  ["a huge length", "*1\r\n$9999999999\r\n", 1, /ok_up_to=0/],
  ["a transaction", MULTI + SET + EXEC + SET, 0, /diff=0/],
  ["no EXEC", SET + MULTI + SET, 1, /Reached EOF before reading EXEC for MULTI\n.*ok_up_to=27,/],
  ["MULTI twice", MULTI + MULTI, 1, /Unexpected MULTI in AOF a\n.*ok_up_to=0,/],
  ["EXEC alone", SET + EXEC, 1, /Unexpected EXEC in AOF a\n.*ok_up_to=27,/],
  ["words like a manifest", SET + "file a seq 1 type b\n", 1, /Old-Style AOF\nAOF a format error/],
];

for (const [name, text, code, says] of ONE_FILE) {
  test(`check-aof, one file: ${name}`, () => {
    const { files, ...result } = run({ a: text }, "a");
    assert.match(result.stdout, says);
    assert.equal(result.code, code);
    assert.equal(files.a, text);
  });
}

test("check-aof --fix cuts when told so", () => {
  const damaged = { a: SET + MULTI + SET + "*3\r\n$" };
  const fixed = run(damaged, "a", ["--fix"], "y\n");
  assert.match(
    fixed.stdout,
    /will shrink the AOF a from 74 bytes, with 47 bytes, to 27 bytes\nContinue\? \[y\/N\]: Successfully truncated AOF a\n$/,
  );
  assert.deepEqual([fixed.code, fixed.files.a], [0, SET]);
  for (const answer of ["n\n", "", "\n", "no y"]) {
    const kept = run(damaged, "a", ["--fix"], answer);
    assert.match(kept.stdout, /Continue\? \[y\/N\]: Aborting...\n$/);
    assert.deepEqual([kept.code, kept.files], [1, damaged]);
  }
  assert.match(run({ a: SET }, "a", ["--fix"], "y\n").stdout, /AOF a is valid\n$/);
});

test("check-aof: files of a manifest", () => {
  const files = { m: "# a comment\n" + MANIFEST, base: SNAPSHOT, one: SET, two: SET + "*" };
  const result = run({ ...files, two: SET }, "m");
  assert.equal(
    result.stdout,
    "Start checking Multi Part AOF\nStart to check BASE AOF (RDB format).\n" +
      "RDB preamble is OK, proceeding with AOF tail...\n" +
      "AOF analyzed: filename=base, size=25, ok_up_to=25, ok_up_to_line=1, diff=0\n" +
      "BASE AOF base is valid\nStart to check INCR files.\n" +
      "AOF analyzed: filename=one, size=27, ok_up_to=27, ok_up_to_line=8, diff=0\n" +
      "INCR AOF one is valid\n" +
      "AOF analyzed: filename=two, size=27, ok_up_to=27, ok_up_to_line=15, diff=0\n" +
      "INCR AOF two is valid\nAll AOF files and manifest are valid\n",
  );
  assert.equal(result.code, 0);
  const fixed = run(files, "m", ["--fix"], "Y\n");
  assert.match(fixed.stdout, /truncated AOF two\nAll AOF files and manifest are valid\n$/);
  assert.deepEqual([fixed.code, fixed.files.two], [0, SET]);
  const first = run({ ...files, one: SET + "*" }, "m", ["--fix"], "y\n");
  assert.match(first.stdout, /Failed to truncate AOF one because it is not the last file\n$/);
  assert.deepEqual([first.code, first.files.one], [1, SET + "*"]);
  assert.match(run({ ...files, base: SET }, "m").stdout, /BASE AOF \(RESP format\)/);
  assert.match(run({ ...files, base: "" }, "m").stdout, /^BASE AOF base is empty$/m);
});

test("check-aof: manifests and files that cannot be read", () => {
  const rows: readonly [manifest: string, says: RegExp][] = [
    [MANIFEST + "!!!\n", /at line 4\n>>> '!!!'\nInvalid AOF manifest file format\n$/],
    [MANIFEST + "file x seq 3 type z\n", /Unknown AOF file type\n$/],
    ["file ../x seq 1 type b\n", /File can't be a path, just a filename\n$/],
    [MANIFEST, /Cannot open file base: No such file or directory\n$/],
    ["file x seq 1 type i\n", /Cannot open file x: No such file or directory, aborting...\n$/],
  ];
  for (const [manifest, says] of rows) {
    const { code, stdout } = run({ m: manifest }, "m");
    assert.match(stdout, says);
    assert.equal(code, 1);
  }
});

test("check-aof --truncate-to-timestamp", () => {
  const text = TS(100) + SET + TS(200) + SET + TS(300) + SET;
  const cut = (seconds: string, files: Record<string, string> = { a: text }, name = "a") =>
    run(files, name, ["--truncate-to-timestamp", seconds]);
  const at200 = cut("250");
  assert.match(at200.stdout, /Successfully truncated AOF a to timestamp 250\n$/);
  assert.deepEqual([at200.code, at200.files.a], [0, TS(100) + SET + TS(200) + SET]);
  const all = cut("300");
  assert.match(all.stdout, /Truncate nothing in AOF a to timestamp 300\nAOF a is valid\n$/);
  assert.deepEqual([all.code, all.files.a], [0, text]);
  const none = cut("99");
  assert.match(none.stdout, /AOF a has nothing before timestamp 99, aborting...\n$/);
  assert.deepEqual([none.code, none.files.a], [1, text]);
  const early = cut("150", { m: MANIFEST, base: SET, one: text, two: SET }, "m");
  assert.match(
    early.stdout,
    /Failed to truncate AOF one to timestamp 150 to offset 36 because it is/,
  );
  assert.deepEqual([early.code, early.files.one], [1, text]);
  assert.match(cut("1x").stdout, /^Invalid timestamp, aborting...\n$/);
  assert.match(cut("5", { a: "#TS:x\r\n" + SET }).stdout, /Invalid timestamp annotation\n$/);
});

test("check-aof: wrong usage, long names, folders, version", () => {
  for (const words of [[], ["--fi", "a"], ["--fix", "a", "b"], ["a", "b", "c", "d"]]) {
    const io = new MemoryToolIo();
    assert.equal(checkAofMain("check-aof", words, io), 1);
    assert.match(io.stdout, /^Usage: check-aof \[--fix\|--truncate-to-timestamp \$timestamp\] </);
  }
  const rows: readonly [words: string[], says: RegExp][] = [
    [["x".repeat(5000)], /filepath is too long/],
    [["x".repeat(4096)], /^Cannot open file x+: File name too long\n$/],
    [["/"], /^Cannot read file: \/\n$/],
    [["/nowhere/a"], /^Cannot open file \/nowhere\/a: No such file or directory\n$/],
  ];
  for (const [words, says] of rows) {
    const io = new MemoryToolIo();
    assert.equal(checkAofMain("check-aof", words, io), 1);
    assert.match(io.stdout, says);
  }
  const io = new MemoryToolIo();
  assert.equal(checkAofMain("check-aof", ["-v"], io), 0);
  assert.match(io.stdout, /^valkey-check-aof v=9/);
});
