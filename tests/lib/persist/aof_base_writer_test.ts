// A data set as commands: it comes back as it was, of any kind and size, and in the words that are promised.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandsWriter } from "../../../lib/persist/aof_base_writer.ts";
import { allWrite } from "../../../lib/persist/rdb_file_writer.ts";
import type { FakeClock } from "../../kit/clock.ts";
import { MemoryFiles } from "../../kit/memory_files.ts";
import { latin1 } from "../../kit/resp.ts";
import { World } from "../../kit/world.ts";

const BASE = "appendonlydir/appendonly.aof.1.base.aof";

function written(world: World, seconds = 0): string {
  let text = "";
  const { keyspace } = world.engine;
  allWrite(
    keyspace,
    new CommandsWriter(
      keyspace,
      seconds,
      true,
      (buf, off, len) => text += latin1(buf, off, off + len),
    ),
  );
  return text;
}

/** The data set of a server that loaded this as its base. */
function loaded(text: string, clock?: FakeClock): World {
  const files = new MemoryFiles();
  files.makeDirectory("appendonlydir");
  files.now.set(BASE, Uint8Array.from(text, (char) => char.charCodeAt(0)));
  const list = "file appendonly.aof.1.base.aof seq 1 type b\n";
  files.now.set("appendonlydir/appendonly.aof.manifest", new TextEncoder().encode(list));
  const world = new World({ files, clock, directives: { appendonly: "yes" } });
  assert.equal(world.persistence.load(), "");
  return world;
}

function words(text: string): string {
  return text.replace(/[*$]\d+\r\n/g, "").replace(/\r\n/g, " ");
}

test("commands in their words", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "12");
  client.call("PEXPIREAT", "a", "1999999999999");
  assert.equal(words(written(world)), "SELECT 0 SET a 12 PEXPIREAT a 1999999999999 ");
  client.call("DEL", "a");
  client.call("SELECT", "3");
  client.call("HSET", "h", "f", "v");
  client.call("HSETEX", "h", "PXAT", "1999999999999", "FIELDS", "2", "g", "w", "i", "x");
  assert.equal(
    words(written(world, 77)),
    "#TS:77 SELECT 3 HSETEX h PXAT 1999999999999 FIELDS 1 g w HSETEX h PXAT 1999999999999 FIELDS 1 i x HSET h f v ",
  );
});

test("fields whose time came before the base was written come back with it", () => {
  const world = new World();
  const client = world.connect();
  client.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  client.call("HSET", "h", "f", "v");
  client.call("HSETEX", "h", "PX", "10", "FIELDS", "1", "g", "w");
  client.call("HSETEX", "only", "PX", "10", "FIELDS", "1", "g", "w");
  world.advance(1000);
  const base = written(world);
  const other = loaded(base, world.clock);
  assert.equal(other.connect().call("HLEN", "h"), ":2\r\n");
  assert.equal(other.connect().call("HGET", "h", "g"), "$-1\r\n");
  assert.equal(other.connect().call("EXISTS", "only"), ":1\r\n");
  other.persistence.close();
});

test("every kind and size of value comes back", () => {
  const world = new World();
  const client = world.connect();
  for (const size of [1, 63, 64, 65, 128, 700]) {
    for (let i = 0; i < size; i++) {
      client.call("RPUSH", `l${size}`, i % 7 === 0 ? "x".repeat(i) : String(i));
      client.call("SADD", `s${size}`, `m${i}`);
      client.call("SADD", `i${size}`, String(i * 3));
      client.call("ZADD", `z${size}`, i % 5 === 0 ? "-inf" : `${i / 7}`, `m${i}`);
      client.call("HSET", `h${size}`, `f${i}`, "v".repeat(i % 90));
      if (i % 3 === 0) client.call("HEXPIRE", `h${size}`, "5000", "FIELDS", "1", `f${i}`);
      client.call("XADD", `x${size}`, `${i + 1}-1`, "f", "v");
    }
    client.call("XGROUP", "CREATE", `x${size}`, "g", "0");
    client.call("XREADGROUP", "GROUP", "g", "c", "COUNT", "5", "STREAMS", `x${size}`, ">");
    client.call("EXPIRE", `x${size}`, "5000");
    client.call("SELECT", String(size % 4));
    client.call("SET", `b${size}`, "\x00\xff\r\n$*".repeat(size));
    client.call("SELECT", "0");
  }
  client.call("SET", "", "");
  const other = loaded(written(world));
  assert.equal(other.connect().call("DEBUG", "DIGEST"), client.call("DEBUG", "DIGEST"));
  assert.equal(other.connect().call("PEXPIRETIME", "x64"), client.call("PEXPIRETIME", "x64"));
  other.persistence.close();
});

test("aof-use-rdb-preamble no: bases are commands, at the start and after a rewrite", () => {
  const files = new MemoryFiles();
  const directives = { appendonly: "yes", "aof-use-rdb-preamble": "no" };
  const world = new World({ files, directives });
  assert.equal(world.persistence.load(), "");
  const client = world.connect();
  assert.equal(latin1(files.now.get(BASE) as Uint8Array), "");
  client.call("SET", "a", "1");
  client.call("BGREWRITEAOF");
  client.call("SET", "b", "1");
  while (world.persistence.aof?.isRewriting) world.persistence.aof.step();
  const second = "appendonlydir/appendonly.aof.2.base.aof";
  assert.equal(words(latin1(files.now.get(second) as Uint8Array)), "SELECT 0 SET a 1 ");
  client.call("CONFIG", "SET", "aof-use-rdb-preamble", "yes");
  client.call("BGREWRITEAOF");
  while (world.persistence.aof?.isRewriting) world.persistence.aof.step();
  assert.ok(files.now.has("appendonlydir/appendonly.aof.3.base.rdb"));
  const digest = client.call("DEBUG", "DIGEST");
  const other = new World({ files: files.killed(), directives });
  assert.equal(other.persistence.load(), "");
  assert.equal(other.connect().call("DEBUG", "DIGEST"), digest);
});
