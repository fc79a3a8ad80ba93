// Data sets that one server writes and another reads: snapshots and append-only files, both ways, with equal content.
//
//   SIGRUN_REFERENCE_SERVER   a valkey-server; both ways
//   SIGRUN_REFERENCE_REDIS    a redis-server of an earlier version, whose files we read

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { encodeArgs } from "../kit/resp.ts";
import { freePort } from "../kit/server.ts";
import { skipped } from "../kit/shared.ts";
import { openSocket } from "../kit/socket_transport.ts";
import type { Connection } from "../kit/transport.ts";
import { Program, referenceServer, serverUnderTest, waitFor, withFolder } from "./server_kit.ts";

const REPLY_MS = 20_000;
const FAR_MS = 4_000_000_000_000;
const TOKENS = Array.from({ length: 700 }, (_, i) => `member:${i}`);
/** Encodings whose payload has one order only. */
const ORDERED = ["int", "embstr", "raw", "listpack", "intset", "skiplist", "stream"];

/** A server that runs in a folder. */
interface Running {
  program: Program;
  connection: Connection;
}

async function call(connection: Connection, ...words: string[]): Promise<string> {
  await connection.write(encodeArgs(words));
  return await connection.frame(REPLY_MS);
}

async function start(program: readonly string[], cwd: string, words: string[]): Promise<Running> {
  const port = await freePort();
  const all = ["--port", String(port), "--enable-debug-command", "yes", "--save", "", ...words];
  const running = new Program(all, { program, cwd });
  await running.ready();
  return { program: running, connection: await openSocket("127.0.0.1", port) };
}

async function stop({ program, connection }: Running): Promise<void> {
  connection.close();
  await program.stop();
}

/** One command a line; `fresh` ones are not known to earlier versions. */
function commands(isOld: boolean): string[][] {
  const pairs = TOKENS.flatMap((token, i) => [token, String(i)]);
  // Earlier versions write a score with more digits into a digest than it needs.
  const part = isOld ? 8 : 7;
  const fresh = [
    ["HPEXPIREAT", "hash:small", String(FAR_MS), "FIELDS", "1", "a"],
    ["HPEXPIREAT", "hash:large", String(FAR_MS + 1), "FIELDS", "2", "member:1", "member:2"],
  ];
  return [
    ["SET", "int", "-9223372036854775808"],
    ["SET", "short", "value"],
    ["SET", "binary\x00\xff", "\x00\x01\xfe\xff"],
    ["SET", "empty", ""],
    ["SET", "compressible", "abcdefgh".repeat(5000)],
    ["SET", "timed", "x", "PXAT", String(FAR_MS)],
    ["SETBIT", "bits", "100000", "1"],
    ["RPUSH", "list:small", "a", "1", "-70000", ""],
    ["RPUSH", "list:large", ...TOKENS, "y".repeat(20_000)],
    ["SADD", "set:ints", "1", "-5", "70000", "9223372036854775807"],
    ["SADD", "set:small", "a", "b", "12"],
    ["SADD", "set:large", ...TOKENS],
    ["HSET", "hash:small", "a", "1", "b", "two"],
    ["HSET", "hash:large", ...pairs],
    ["ZADD", "zset:small", "1", "a", "-0.5", "b", "inf", "c"],
    ["ZADD", "zset:large", ...TOKENS.flatMap((token, i) => [String(i / part), token])],
    ["PFADD", "hll", ...TOKENS],
    ["XADD", "stream", "1-1", "f", "v", "g", "w"],
    ...TOKENS.slice(0, 300).map((token, i) => ["XADD", "stream", `${i + 2}-0`, "f", token]),
    ["XDEL", "stream", "5-0"],
    ["XGROUP", "CREATE", "stream", "group", "0"],
    ["XREADGROUP", "GROUP", "group", "reader", "COUNT", "7", "STREAMS", "stream", ">"],
    ["XACK", "stream", "group", "2-0"],
    ["PEXPIREAT", "zset:small", String(FAR_MS + 2)],
    ["SELECT", "9"],
    ["SET", "short", "of another database"],
    ["SELECT", "0"],
    ...(isOld ? [] : fresh),
  ];
}

async function fill(connection: Connection, isOld: boolean): Promise<void> {
  for (const words of commands(isOld)) {
    const reply = await call(connection, ...words);
    assert.doesNotMatch(reply, /^-/, words.slice(0, 2).join(" "));
  }
}

/** What can be asked of the content, by database and key; last the digest of everything. */
async function content(connection: Connection, ordered: string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const db of ["0", "9"]) {
    await call(connection, "SELECT", db);
    for (const [name, word] of commands(true)) {
      if (name === "SELECT") continue;
      const key = name === "XGROUP" || name === "XREADGROUP" ? "stream" : word;
      if (found.has(`${db} ${key}`)) continue;
      const encoding = await call(connection, "OBJECT", "ENCODING", key);
      const isOrdered = ordered.some((one) => encoding.endsWith(`\r\n${one}\r\n`));
      const facts = [
        ordered.length === 0 ? "" : encoding,
        await call(connection, "DEBUG", "DIGEST-VALUE", key),
        await call(connection, "PEXPIRETIME", key),
        isOrdered ? await call(connection, "DUMP", key) : "",
      ];
      found.set(`${db} ${key}`, facts.join(" "));
    }
  }
  found.set("all", await call(connection, "DEBUG", "DIGEST"));
  return found;
}

/** `from` writes, `to` reads; `isOld` when `from` is of an earlier version. */
async function exchange(
  from: readonly string[],
  to: readonly string[],
  kind: "snapshot" | "commands" | "rewritten",
  isOld = false,
): Promise<void> {
  await withFolder(async (folder) => {
    const words = kind === "snapshot" ? [] : ["--appendonly", "yes"];
    // When a consumer was seen last is in no command: it is when that is run again.
    const isStreamed = kind === "commands";
    // Encodings and payloads are those of a version.
    const ordered = isOld ? [] : ORDERED.filter((one) => one !== "stream" || !isStreamed);
    const writer = await start(from, folder, words);
    let written: Map<string, string>;
    try {
      await fill(writer.connection, isOld);
      if (kind === "snapshot") assert.equal(await call(writer.connection, "SAVE"), "+OK\r\n");
      if (kind === "rewritten") {
        await call(writer.connection, "BGREWRITEAOF");
        await waitFor(
          async () => {
            const info = await call(writer.connection, "INFO", "persistence");
            return /aof_rewrite_in_progress:0/.test(info) && /aof_rewrite_scheduled:0/.test(info);
          },
          () => "the end of the rewrite",
        );
        await call(writer.connection, "RPUSH", "list:small", "behind the base");
      }
      written = await content(writer.connection, ordered);
    } finally {
      await stop(writer);
    }
    assert.ok(existsSync(join(folder, kind === "snapshot" ? "dump.rdb" : "appendonlydir")));
    const reader = await start(to, folder, words);
    try {
      const read = await content(reader.connection, ordered);
      assert.deepEqual([...read], [...written]);
    } finally {
      await stop(reader);
    }
  });
}

for (const kind of ["snapshot", "commands", "rewritten"] as const) {
  test(`${kind}: what we write the reference reads, and the reverse`, async () => {
    const reference = referenceServer();
    if (reference === undefined) {
      skipped("SIGRUN_REFERENCE_SERVER is not set");
      return await exchange(serverUnderTest(), serverUnderTest(), kind);
    }
    await exchange(serverUnderTest(), [reference], kind);
    await exchange([reference], serverUnderTest(), kind);
  });

  test(`${kind}: what an earlier version wrote we read`, async () => {
    const redis = process.env.SIGRUN_REFERENCE_REDIS;
    if (redis === undefined) return skipped("SIGRUN_REFERENCE_REDIS is not set");
    await exchange([redis], serverUnderTest(), kind, true);
  });
}
