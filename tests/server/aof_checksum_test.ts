// Checksums in the append-only file: any bit that flips is found, with its place; nobody else is disturbed by them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fromLatin1 } from "../../lib/bytes/ascii.ts";
import { checkAofMain } from "../../server/check_aof.ts";
import { MemoryFiles } from "../kit/memory_files.ts";
import { latin1 } from "../kit/resp.ts";
import { MemoryToolIo, withFiles } from "../kit/tool_io.ts";
import { World } from "../kit/world.ts";

const INCR = "appendonlydir/appendonly.aof.1.incr.aof";
const SUMS = { appendonly: "yes", "sigrun-aof-checksum": "yes" };
const BEGIN = "#CRC:0:0000000000000000\r\n";

function started(files: MemoryFiles, directives: Record<string, string> = SUMS): World {
  const world = new World({ files, directives });
  assert.equal(world.persistence.load(), "");
  return world;
}

/** A disk whose file has a few commands and a transaction, with checksums; its digest. */
function written(): { files: MemoryFiles; digest: string } {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("SET", "a", "some value");
  client.call("MULTI");
  client.call("INCR", "n");
  client.call("RPUSH", "l", "x");
  client.call("EXEC");
  client.call("CONFIG", "SET", "aof-timestamp-enabled", "yes");
  client.call("SET", "b", "other value");
  const digest = client.call("DEBUG", "DIGEST");
  world.persistence.close();
  return { files, digest };
}

function textOf(files: MemoryFiles): string {
  return latin1(files.now.get(INCR) as Uint8Array);
}

/** How a server takes a file: its digest, or why it does not start. */
function outcome(files: MemoryFiles, text: string, directives = SUMS): string {
  const disk = files.killed();
  disk.now.set(INCR, fromLatin1(text));
  const world = new World({ files: disk, directives });
  const problem = world.persistence.load();
  if (problem !== "") return problem;
  const digest = world.connect().call("DEBUG", "DIGEST");
  world.persistence.close();
  return digest;
}

test("each write is followed by its checksum", () => {
  const { files } = written();
  const lines = textOf(files).match(/#CRC:\d+:[0-9a-f]{16}\r\n/g) ?? [];
  assert.equal(lines.length, 4);
  assert.equal(lines[0], BEGIN);
  assert.ok(textOf(files).startsWith(BEGIN));
  assert.ok(textOf(files).endsWith(lines[3]));
  assert.match(textOf(files), /#TS:\d+\r\n/);
});

test("every bit that flips is found, or does no harm", () => {
  const { files, digest } = written();
  const text = textOf(files);
  let refused = 0;
  for (let bit = 0; bit < text.length * 8; bit++) {
    const at = bit >> 3;
    const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << (bit & 7)));
    const found = outcome(files, text.slice(0, at) + flipped + text.slice(at + 1));
    if (found === digest) continue;
    refused++;
    // The end of the file may be cut off where its last line is no line any more.
    assert.match(
      found,
      /checksum|Bad file format|error: |damaged behind|held its/,
      `bit ${bit}`,
    );
  }
  assert.ok(refused > text.length * 6, `${refused} of ${text.length * 8}`);
});

test("what is missing in the middle, or there twice, is found", () => {
  const { files } = written();
  const text = textOf(files);
  const parts = text.split(/(?<=#CRC:\d+:[0-9a-f]{16}\r\n)/);
  const [begin, first, second, third] = parts;
  assert.equal(parts.length, 4);
  const set = first.slice(0, first.indexOf("#CRC"));
  for (
    const wrong of [
      begin + first + second + set + third,
      begin + set + first + second + third,
      begin + first.slice(set.length) + second + third,
      first + second + third,
    ]
  ) {
    assert.match(outcome(files, wrong), /do not match their checksum/);
  }
});

test("a gap from within the line that begins a sum to within the one that ends it is found, and mended", () => {
  const { files } = written();
  const before = textOf(files);
  const world = started(files);
  world.connect().call("SET", "c", "a value that is lost");
  world.connect().call("SET", "d", "a value behind it");
  world.persistence.close();
  const text = textOf(files);
  assert.ok(text.startsWith(before + BEGIN));
  const from = before.length + "#CRC:0:00".length;
  const to = text.indexOf("#CRC", from) + "#CRC".length;
  // What a disk leaves where a sector was never written: zeros, or what was there before.
  for (const filler of ["\0", "x"]) {
    const wrong = text.slice(0, from) + filler.repeat(to - from) + text.slice(to);
    assert.match(outcome(files, wrong), /checksum|Bad file format/);
    withFiles({ "a.aof": wrong }, (folder) => {
      const io = new MemoryToolIo("y\n");
      assert.equal(checkAofMain("check-aof", ["--fix", join(folder, "a.aof")], io), 0);
      assert.equal(readFileSync(join(folder, "a.aof"), "latin1"), before);
    });
  }
});

test("the message names the place; ignore loads it as it is", () => {
  const { files } = written();
  const text = textOf(files);
  const at = text.indexOf("other value");
  const wrong = text.slice(0, at) + "0ther" + text.slice(at + 5);
  const start = text.indexOf("#TS");
  const end = text.lastIndexOf("#CRC");
  assert.match(outcome(files, wrong), new RegExp(`bytes ${start} to ${end} do not match`));
  assert.match(outcome(files, wrong, { ...SUMS, "sigrun-aof-checksum": "ignore" }), /^\+/);
  assert.match(outcome(files, wrong, { ...SUMS, "sigrun-aof-checksum": "no" }), /checksum/);
});

test("a file that is cut anywhere loads, is written on, and loads again", () => {
  const { files } = written();
  const text = textOf(files);
  for (let size = 0; size <= text.length; size++) {
    const disk = files.killed();
    disk.now.set(INCR, fromLatin1(text.slice(0, size)));
    const world = started(disk);
    const client = world.connect();
    client.call("SET", "c", "1");
    const digest = client.call("DEBUG", "DIGEST");
    world.persistence.close();
    assert.equal(started(disk).connect().call("DEBUG", "DIGEST"), digest, `${size} bytes`);
  }
});

test("another server writes on without checksums, then this one with them, on and off", () => {
  const { files } = written();
  const disk = files.killed();
  disk.now.set(INCR, fromLatin1(textOf(files) + "*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$1\r\n1\r\n"));
  const world = started(disk);
  const client = world.connect();
  assert.equal(client.call("GET", "x"), "$1\r\n1\r\n");
  for (const setting of ["no", "yes", "yes", "no", "yes"]) {
    assert.equal(client.call("CONFIG", "SET", "sigrun-aof-checksum", setting), "+OK\r\n");
    client.call("INCR", "n");
  }
  client.call("BGREWRITEAOF");
  while (world.persistence.aof?.isRewriting) world.persistence.aof.step();
  client.call("INCR", "n");
  const digest = client.call("DEBUG", "DIGEST");
  world.persistence.close();
  assert.equal(started(disk).connect().call("DEBUG", "DIGEST"), digest);
});

test("a full disk leaves whole checksums", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  for (let i = 0; i < 20; i++) {
    if (i % 5 === 2) files.broken.add("write");
    if (i % 5 === 4) files.broken.clear();
    client.call("INCR", "n");
    world.persistence.tick(world.clock.wallMs());
  }
  files.broken.clear();
  world.persistence.tick(world.clock.wallMs());
  const digest = client.call("DEBUG", "DIGEST");
  assert.equal(started(files.killed()).connect().call("DEBUG", "DIGEST"), digest);
});

test("CONFIG GET * does not show the directive; its name does", () => {
  const client = started(new MemoryFiles()).connect();
  assert.doesNotMatch(client.call("CONFIG", "GET", "*"), /sigrun/);
  assert.match(client.call("CONFIG", "GET", "sigrun-aof-checksum"), /yes\r\n$/);
});

test("check-aof finds the place, and --fix cuts there", () => {
  const { files } = written();
  const text = textOf(files);
  const at = text.indexOf("some value");
  const wrong = text.slice(0, at) + "SOME" + text.slice(at + 4);
  withFiles({ "a.aof": wrong, "good.aof": text }, (folder) => {
    const good = new MemoryToolIo();
    assert.equal(checkAofMain("check-aof", [join(folder, "good.aof")], good), 0);
    const io = new MemoryToolIo();
    assert.equal(checkAofMain("check-aof", [join(folder, "a.aof")], io), 1);
    assert.match(io.stdout, /0x +19: 60 bytes from here on do not match their checksum\n/);
    assert.match(io.stdout, /ok_up_to=25,/);
    const fixing = new MemoryToolIo("y\n");
    assert.equal(checkAofMain("check-aof", ["--fix", join(folder, "a.aof")], fixing), 0);
    assert.equal(readFileSync(join(folder, "a.aof"), "latin1"), BEGIN);
  });
});
