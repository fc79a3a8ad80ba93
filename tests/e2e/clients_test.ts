// clients_test.ts: client libraries that people use, against the program as users run it: connect,
// commands, pipelines, transactions, errors, binary values, large values.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type TestServer, withServer } from "../kit/server.ts";
import { skipped } from "../kit/shared.ts";

const LARGE_BYTES = 300_000;
const PIPELINED = 500;

/** What every library is asked to do. Values are texts unless they say otherwise. */
interface Library {
  set(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<unknown>;
  getBytes(key: string): Promise<Uint8Array>;
  setBytes(key: string, value: Uint8Array): Promise<unknown>;
  increment(key: string): Promise<number>;
  /** INCR as often as that, in one go. */
  pipeline(key: string, count: number): Promise<unknown[]>;
  /** SET and GET in MULTI and EXEC. */
  transaction(key: string, value: string): Promise<unknown[]>;
  /** Any command. */
  raw(...words: string[]): Promise<unknown>;
  close(): Promise<void>;
}

async function ioredis(server: TestServer): Promise<Library> {
  const { Redis } = await import("ioredis");
  const client = new Redis({ host: server.host, port: server.port });
  return {
    set: (key, value) => client.set(key, value),
    get: (key) => client.get(key),
    getBytes: async (key) => await client.getBuffer(key) ?? new Uint8Array(),
    setBytes: (key, value) => client.set(key, Buffer.from(value)),
    increment: (key) => client.incr(key),
    async pipeline(key, count) {
      const pipeline = client.pipeline();
      for (let i = 0; i < count; i++) pipeline.incr(key);
      return (await pipeline.exec() ?? []).map(([, value]) => value);
    },
    async transaction(key, value) {
      const results = await client.multi().set(key, value).get(key).exec();
      return (results ?? []).map(([, result]) => result);
    },
    raw: (name, ...args) => client.call(name, ...args),
    close: async () => {
      await client.quit();
    },
  };
}

function nodeRedis(protocol: 2 | 3): (server: TestServer) => Promise<Library> {
  return async (server) => {
    const { createClient, RESP_TYPES } = await import("redis");
    const client = createClient({
      socket: { host: server.host, port: server.port },
      RESP: protocol,
    });
    await client.connect();
    const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    return {
      set: (key, value) => client.set(key, value),
      get: (key) => client.get(key),
      getBytes: async (key) => await bytes.get(key) ?? new Uint8Array(),
      setBytes: (key, value) => client.set(key, Buffer.from(value)),
      increment: (key) => client.incr(key),
      pipeline: (key, count) => Promise.all(Array.from({ length: count }, () => client.incr(key))),
      transaction: (key, value) => client.multi().set(key, value).get(key).exec(),
      raw: (...words) => client.sendCommand(words),
      close: async () => {
        await client.close();
      },
    };
  };
}

async function glide(server: TestServer): Promise<Library> {
  const { Batch, Decoder, GlideClient } = await import("@valkey/valkey-glide");
  const client = await GlideClient.createClient({
    addresses: [{ host: server.host, port: server.port }],
  });
  return {
    set: (key, value) => client.set(key, value),
    get: (key) => client.get(key),
    getBytes: async (key) => Buffer.from(await client.get(key, { decoder: Decoder.Bytes }) ?? ""),
    setBytes: (key, value) => client.set(key, Buffer.from(value)),
    increment: (key) => client.incr(key),
    async pipeline(key, count) {
      const batch = new Batch(false);
      for (let i = 0; i < count; i++) batch.incr(key);
      return await client.exec(batch, true) ?? [];
    },
    transaction: async (key, value) =>
      await client.exec(new Batch(true).set(key, value).get(key), true) ?? [],
    raw: (...words) => client.customCommand(words),
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

const LIBRARIES: Readonly<Record<string, (server: TestServer) => Promise<Library>>> = {
  "ioredis": ioredis,
  "redis, RESP2": nodeRedis(2),
  "redis, RESP3": nodeRedis(3),
  "valkey-glide": glide,
};

/** True when the package of a library is installed. */
async function installed(name: string): Promise<boolean> {
  try {
    if (name === "ioredis") await import("ioredis");
    else if (name.startsWith("redis")) await import("redis");
    else await import("@valkey/valkey-glide");
    return true;
  } catch {
    // Not in node_modules, or no native part for this platform.
    return false;
  }
}

async function exercise(library: Library): Promise<void> {
  assert.equal(await library.set("greeting", "hello"), "OK");
  assert.equal(await library.get("greeting"), "hello");
  assert.equal(await library.get("nosuch"), null);
  assert.equal(await library.increment("n"), 1);
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  await library.setBytes("bytes", bytes);
  assert.deepEqual([...await library.getBytes("bytes")], [...bytes]);
  const large = "x".repeat(LARGE_BYTES);
  await library.set("large", large);
  assert.equal(await library.get("large"), large);
  const numbers = await library.pipeline("n", PIPELINED);
  assert.deepEqual(numbers, Array.from({ length: PIPELINED }, (_, i) => i + 2));
  assert.deepEqual(await library.transaction("t", "v"), ["OK", "v"]);
  assert.equal(await library.raw("ECHO", "words"), "words");
  await assert.rejects(() => library.increment("greeting"), /not an integer/);
  await assert.rejects(() => library.raw("NOSUCH", "a"), /unknown command/);
  assert.equal(await library.get("greeting"), "hello");
}

for (const [name, connect] of Object.entries(LIBRARIES)) {
  test(`client library: ${name}`, async () => {
    if (!await installed(name)) return skipped(`${name} is not installed`);
    await withServer({}, async (server) => {
      const library = await connect(server);
      try {
        await exercise(library);
      } finally {
        await library.close();
      }
    });
  });
}
