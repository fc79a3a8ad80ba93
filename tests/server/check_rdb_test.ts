// check-rdb: what it says about made files, and about recorded ones of the reference.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkRdbMain } from "../../server/check_rdb.ts";
import { sharedPath, skipped } from "../kit/shared.ts";
import { MemoryToolIo, withFiles } from "../kit/tool_io.ts";

const NO_CHECKSUM = "\0\0\0\0\0\0\0\0";
/** One database with k = v, and z that expired long ago. */
const SMALL = "VALKEY080\xfa\x04name\x05value\xfe\x00\x00\x01k\x01v" +
  "\xfc\x01\0\0\0\0\0\0\0\x00\x01z\x01\x01\xff" + NO_CHECKSUM;

function check(bytes: string, ...options: string[]): MemoryToolIo & { code: number } {
  return withFiles({ "a.rdb": bytes }, (folder) => {
    const io = new MemoryToolIo();
    const code = checkRdbMain("check-rdb", [join(folder, "a.rdb"), ...options], io);
    io.stdout = io.stdout.replaceAll(folder, "");
    return Object.assign(io, { code });
  });
}

test("check-rdb: a sound file", () => {
  const { code, stdout, stderr } = check(SMALL);
  assert.equal(
    stdout,
    "[offset 0] Checking RDB file /a.rdb\n" +
      "[offset 21] AUX FIELD name = 'value'\n" +
      "[offset 23] Selecting DB ID 0\n" +
      "[offset 51] RDB file was saved with checksum disabled: no check performed.\n" +
      "[offset 51] Check RDB returned error code 0 (0 means success)\n" +
      "[offset 51] \\o/ RDB looks OK! \\o/\n" +
      "[info] 2 keys read\n[info] 1 expires\n[info] 1 already expired\n[info] 0 functions\n",
  );
  assert.deepEqual([code, stderr], [0, ""]);
});

const DAMAGED: readonly [name: string, bytes: string, says: string[]][] = [
  ["nothing", "", ["[offset 0] Unexpected EOF reading RDB file", "While doing: start"]],
  ["no snapshot", "hello, world", ["[offset 9] Wrong signature", "While doing: start"]],
  ["a version of nobody", "REDIS0080", ["[offset 9] Can't handle RDB format version 80"]],
  ["only the head", "VALKEY080", ["[offset 9] Unexpected EOF", "While doing: read-type"]],
  [
    "the end in a value",
    "VALKEY080\xfe\x00\x00\x01k\x09v",
    ["[offset 15] Unexpected EOF", "read-object-value", "key 'k'", "type 0 (string)"],
  ],
  ["the end in a time", "VALKEY080\xfc\x01\0", ["[offset 10] Unexpected", "read-expire"]],
  ["the end in a name", "VALKEY080\x04\x07ab", ["read-key", "type 4 (hash-hashtable)"]],
  ["an unknown kind", "VALKEY080\x63", ["[offset 10] Invalid object type: 99", "read-type"]],
  [
    "a kind of others",
    "REDIS0012\x16",
    [
      "Foreign RDB version 12 detected",
      "Unknown object type 22 in RDB file with foreign version 12",
    ],
  ],
  ["a set without members", "VALKEY080\x02\x01s\x00", ["[offset 13] Collection without elements"]],
  ["a member twice", "VALKEY080\x02\x01s\x02\x01a\x01a", ["Duplicate set members detected"]],
  ["a lying length", "VALKEY080\x00\x01k\x81\xff\xff\xff\xff\xff\xff\xff\xff", ["Unexpected EOF"]],
  [
    "a lying compression",
    "VALKEY080\x00\x01k\xc3\x02\x80\x7f\xff\xff\xff\x00\x00",
    ["Invalid LZF compressed string"],
  ],
  ["a checksum of another file", SMALL.slice(0, -1) + "\x01", ["[offset 51] RDB CRC error"]],
  ["no checksum", SMALL.slice(0, -8), ["[offset 43] Unexpected EOF", "check-sum"]],
  ["a library of a preview", "REDIS0011\xf6", ["Pre-release function format not supported 11"]],
];

for (const [name, bytes, says] of DAMAGED) {
  test(`check-rdb: ${name}`, () => {
    const { code, stdout } = check(bytes);
    assert.equal(code, 1);
    assert.match(stdout, /^--- RDB ERROR DETECTED ---$/m);
    assert.match(stdout, /returned error code 1/);
    for (const text of says) assert.ok(stdout.includes(text), `${text} in\n${stdout}`);
  });
}

const SOUND: readonly [name: string, bytes: string, says: string][] = [
  ["many databases", "VALKEY080\xfe\x80\x7f\xff\xff\xff\xff", "DB ID 2147483647"],
  ["the future", "VALKEY081\xff", "OK, but loading requires config 'rdb-version-check relaxed'"],
  ["a key twice", "VALKEY080\x00\x01k\x01v\x00\x01k\x01v\xff", "2 keys read"],
  ["data of a module", "VALKEY080\xf7\x81\0\0\0\0\0\0\x04\0\x02\x00\x00\xff", "AAAAAAAAB"],
  ["a value of a module", "VALKEY080\x07\x01k\x01\x05\x01x\x04\0\0\0\0\0\0\0\0\0\xff", "1 keys"],
  ["slots on the way", "VALKEY080\xf3\x03job\x01\x00\x05\xff", "0 keys read"],
  ["a script of old", "REDIS0007\xfa\x03LUA\x08return 1\xff", "1 lua scripts read"],
  ["control characters", "VALKEY080\xfa\x01\x1b\x01\n\xff", "AUX FIELD \\x1b = '\\x0a'"],
];

for (const [name, bytes, says] of SOUND) {
  test(`check-rdb takes ${name}`, () => {
    const { code, stdout } = check(bytes + NO_CHECKSUM);
    assert.ok(stdout.includes(says), stdout);
    assert.equal(code, 0, stdout);
  });
}

test("check-rdb: figures", () => {
  const figures = (format: string) => {
    const { stdout } = check(SMALL, "--stats", "--format", format);
    return stdout.slice(stdout.indexOf("0 functions\n") + 12).split("\n");
  };
  assert.equal(figures("csv")[1], "db.0.keys.total,2,0,0,0,0,0,0");
  assert.equal(figures("info")[0], "[info] db.0.type.string.keys.total:2");
  assert.equal(
    figures("table")[1],
    "db.0.keys.total               \t2    \t0    \t0    \t0    \t0    \t0    \t0    ",
  );
  withFiles(
    { "a.rdb": SMALL, out: "something longer than all the figures".repeat(99) },
    (folder) => {
      const io = new MemoryToolIo();
      const words = [join(folder, "a.rdb"), "--stats", "--output", join(folder, "out")];
      assert.equal(checkRdbMain("check-rdb", words, io), 0);
      assert.ok(!io.stdout.includes("db.0"));
      assert.equal(readFileSync(join(folder, "out"), "utf8").trim().split("\n").length, 18);
    },
  );
});

test("check-rdb: wrong usage, no file, version", () => {
  for (
    const words of [[], ["a", "--format"], ["a", "--format", "x"], ["a", "b"], ["a", "--output"]]
  ) {
    const io = new MemoryToolIo();
    assert.equal(checkRdbMain("check-rdb", words, io), 1);
    assert.match(io.stderr, /^Usage: check-rdb <rdb-file-name>/);
  }
  const io = new MemoryToolIo();
  assert.equal(checkRdbMain("check-rdb", ["/nowhere/a.rdb"], io), 1);
  assert.match(io.stdout, /^\[offset 0\] Check RDB returned error code 1/m);
  assert.match(io.stderr, /No such file or directory/);
  assert.equal(checkRdbMain("check-rdb", ["x".repeat(5000)], io), 1);
  assert.equal(checkRdbMain("check-rdb", ["--version"], io), 0);
  assert.match(io.stdout, /^valkey-check-rdb v=9/m);
});

/** Recorded files about which checker and server are of different minds: those the checker takes, those it does not. */
const TAKEN = new Set([
  "made-db-out-of-range",
  "made-duplicate-key",
  "made-function-bad-code",
  "made-magic-redis0006-field-expiry",
  "made-magic-redis0011-field-expiry",
  "made-magic-redis0012",
  "made-magic-redis0079",
  "made-magic-valkey079",
  "made-magic-valkey081-field-expiry",
  "made-magic-valkey081",
  "made-magic-valkey999-field-expiry",
  "made-magic-valkey999",
  "made-module-aux-unknown",
  "made-module-type-unknown",
  "made-v11-slot-import-opcode",
  "made-v11-type-22",
  "made-v80-slot-import-opcode",
]);
const NOT_TAKEN = new Set([
  "asset-corrupt_empty_keys",
  "made-empty-list-type1",
  "made-empty-set-type2",
  "made-field-expiry-no-fields",
  "made-hash-duplicate-field",
]);

for (const folder of ["rdb", "rdb-older", "rdb-other"]) {
  const path = sharedPath(`fixtures/${folder}`);
  test(`check-rdb: recorded files, ${folder}`, () => {
    if (path === undefined) return skipped();
    const others: Record<string, { outcome: string }> = folder === "rdb-other"
      ? JSON.parse(readFileSync(`${path}/expected.json`, "utf8"))
      : {};
    for (const file of readdirSync(path).filter((name) => name.endsWith(".rdb"))) {
      const name = file.slice(0, -4);
      const loads = (others[file]?.outcome ?? "loads") === "loads";
      const expected = TAKEN.has(name) || (loads && !NOT_TAKEN.has(name)) ? 0 : 1;
      const io = new MemoryToolIo();
      assert.equal(checkRdbMain("check-rdb", [`${path}/${file}`, "--stats"], io), expected, file);
      if (name.endsWith("all-types")) {
        assert.match(io.stdout, folder === "rdb" ? /\] 98 keys read/ : /\] 90 keys read/);
      }
    }
  });
}
