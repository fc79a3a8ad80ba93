// A server that loads: what it answers meanwhile, what it says of it, and that nothing of it stays behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "../../lib/platform/mod.ts";
import type { Loading } from "../../server/loading.ts";
import { MemoryFiles } from "../kit/memory_files.ts";
import { World } from "../kit/world.ts";

const KEYS = 5000;
const REFUSED = "-LOADING Valkey is loading the dataset in memory\r\n";

/** A disk with a snapshot of KEYS strings of 100 bytes. */
function filesWithSnapshot(): MemoryFiles {
  const files = new MemoryFiles();
  const world = new World({ files });
  const client = world.connect();
  client.call("DEBUG", "POPULATE", String(KEYS), "key", "100");
  client.call("SET", "short", "lived", "PX", "60000");
  assert.equal(client.call("SAVE"), "+OK\r\n");
  return files;
}

/** A disk with an append-only file whose commands fill many windows. */
function filesWithAof(): MemoryFiles {
  const files = new MemoryFiles();
  const world = new World({ files, directives: { appendonly: "yes" } });
  assert.equal(world.persistence.load(), "");
  const client = world.connect();
  for (let i = 0; i < KEYS; i++) {
    client.call("SET", `key:${i}`, "x".repeat(i === 9 ? 400_000 : 100));
  }
  client.call("MULTI");
  client.call("INCR", "n");
  client.call("INCR", "n");
  client.call("EXEC");
  client.call("NOSUCH");
  world.persistence.close();
  return files;
}

class Lines implements Log {
  text = "";

  write(_level: number, text: string): void {
    this.text += text + "\n";
  }
}

function begun(
  files: MemoryFiles,
  directives: Record<string, string> = {},
): { world: World; loading: Loading; problems: string[]; log: Lines } {
  const log = new Lines();
  const world = new World({ files, log, directives });
  const problems: string[] = [];
  const loading = world.persistence.beginLoad((problem) => problems.push(problem));
  assert.ok(loading !== null);
  return { world, loading, problems, log };
}

const SMALL = { "loading-process-events-interval-bytes": "1024" };

for (
  const [what, make, directives] of [
    ["snapshot", filesWithSnapshot, SMALL],
    ["append-only file", filesWithAof, { ...SMALL, appendonly: "yes" }],
  ] as const
) {
  test(`while a ${what} is loaded, what needs no data is answered and the rest is not`, () => {
    const { world, loading, problems } = begun(make(), directives);
    const client = world.connect();
    for (let i = 0; i < 20; i++) assert.ok(loading.step());
    for (
      const command of ["GET key:1", "SET a 1", "PING", "DBSIZE", "FLUSHALL", "SAVE", "BLPOP l 1"]
    ) {
      assert.equal(client.call(...command.split(" ")), REFUSED, command);
    }
    assert.match(client.call("NOSUCH"), /^-ERR unknown command/);
    assert.match(client.call("GET"), /^-ERR wrong number/);
    assert.match(client.call("HELLO", "2"), /server/);
    assert.equal(client.call("SELECT", "1"), "+OK\r\n");
    assert.equal(client.call("CONFIG", "SET", "loglevel", "debug"), "+OK\r\n");
    assert.match(client.call("CLIENT", "ID"), /^:/);
    assert.equal(client.call("MULTI"), "+OK\r\n");
    assert.equal(client.call("GET", "key:1"), REFUSED);
    assert.match(client.call("EXEC"), /^-EXECABORT/);
    assert.equal(client.call("DEBUG", "RELOAD"), REFUSED);
    assert.equal(client.call("DEBUG", "LOADAOF"), REFUSED);
    assert.equal(client.call("DEBUG", "POPULATE", "5"), REFUSED);
    assert.equal(client.call("CONFIG", "SET", "extended-redis-compatibility", "yes"), "+OK\r\n");
    assert.match(client.call("GET", "a"), /^-LOADING Redis is/);
    while (loading.step());
    assert.deepEqual(problems, [""]);
    client.call("SELECT", "0");
    assert.match(client.call("GET", "key:1"), /^\$100\r\n/);
    assert.match(client.call("INFO", "persistence"), /\r\nloading:0\r\n/);
    assert.doesNotMatch(client.call("INFO", "persistence"), /loading_start_time/);
  });

  test(`a ${what} that was loaded in slices is the one loaded at once`, () => {
    const files = make();
    const whole = new World({ files, directives });
    assert.equal(whole.persistence.load(), "");
    const expected = whole.connect().call("DEBUG", "DIGEST");
    whole.persistence.close();
    files.readBytesMax = 1000;
    const { world, loading, problems } = begun(files, directives);
    while (loading.step());
    assert.deepEqual(problems, [""]);
    assert.equal(world.connect().call("DEBUG", "DIGEST"), expected);
  });
}

test("INFO says how far it is", () => {
  const { world, loading } = begun(filesWithSnapshot(), SMALL);
  const client = world.connect();
  const field = (name: string) => {
    const found = new RegExp(`\\r\\n${name}:([^\\r]*)\\r\\n`).exec(
      client.call("INFO", "persistence"),
    );
    return found === null ? NaN : Number(found[1]);
  };
  assert.equal(field("loading_loaded_bytes"), 0);
  for (let i = 0; i < 50; i++) loading.step();
  world.advance(4000);
  assert.equal(field("loading"), 1);
  assert.equal(field("async_loading"), 0);
  assert.equal(field("loading_start_time"), Math.floor(loading.startMs / 1000));
  assert.equal(field("loading_total_bytes"), loading.totalBytes);
  assert.equal(field("loading_loaded_bytes"), loading.loadedBytes);
  assert.ok(field("loading_rdb_used_mem") > 500_000);
  const share = loading.loadedBytes / loading.totalBytes;
  assert.equal(field("loading_loaded_perc"), Number((100 * share).toFixed(2)));
  const eta = 4 * (loading.totalBytes - loading.loadedBytes) / (loading.loadedBytes + 1);
  assert.equal(field("loading_eta_seconds"), Math.floor(eta));
});

test("nothing expires and no save begins while it lasts; the log says how far it is", () => {
  const { world, loading, log } = begun(filesWithSnapshot(), { ...SMALL, save: "1 1" });
  while (loading.loadedBytes < loading.totalBytes / 2) loading.step();
  world.advance(100_000);
  world.persistence.tick(world.clock.wallMs());
  assert.ok(loading.step());
  assert.match(log.text, /Loading: 5\d\.\d\d% \(\d+ of \d+ bytes, \d+ keys or commands\)/);
  while (loading.step());
  assert.match(log.text, /Loading RDB produced by Valkey version 9\.1/);
  assert.match(log.text, new RegExp(`keys loaded: ${KEYS + 1}, keys expired: 0`));
  const client = world.connect();
  assert.equal(client.call("GET", "short"), "$-1\r\n");
  assert.match(client.call("INFO", "persistence"), /rdb_saves:0/);
});

test("statistics are those of the clients, not of the file", () => {
  const { world, loading } = begun(filesWithAof(), { ...SMALL, appendonly: "yes" });
  const client = world.connect();
  for (let i = 0; i < 20; i++) loading.step();
  client.call("GET", "a");
  while (loading.step());
  client.call("PING");
  const info = client.call("INFO", "everything");
  assert.match(info, /errorstat_LOADING:count=1\r\n/);
  assert.match(info, /cmdstat_get:calls=0.*rejected_calls=1,/);
  assert.match(info, /cmdstat_ping:calls=1,/);
  assert.doesNotMatch(info, /cmdstat_set:/);
  assert.doesNotMatch(info, /errorstat_ERR/);
  assert.match(info, /total_commands_processed:1\r\n/);
});

test("what is wrong with the file ends it", () => {
  const files = filesWithSnapshot();
  files.now.set("dump.rdb", (files.now.get("dump.rdb") as Uint8Array).slice(0, 100_000));
  const { world, loading, problems } = begun(files, SMALL);
  while (loading.step());
  assert.equal(problems.length, 1);
  assert.match(problems[0], /Error reading the snapshot dump\.rdb at offset \d+: Unexpected EOF/);
  assert.ok(!world.engine.isLoading);
});

test("a disk that fails in the middle ends it", () => {
  const files = filesWithSnapshot();
  const { open } = files;
  files.open = (name) => {
    const input = open.call(files, name);
    if (input === null) return null;
    let reads = 0;
    const read = (buf: Uint8Array, off: number, len: number) => {
      if (++reads > 2) throw new Error("Input/output error");
      return input.read(buf, off, Math.min(len, 1000));
    };
    return { ...input, read };
  };
  const { loading, problems } = begun(files, SMALL);
  while (loading.step());
  assert.deepEqual(problems, ["Input/output error"]);
});

test("key-load-delay waits for each key; a negative one is shared", () => {
  for (const [delay, ms] of [["500", 2500], ["-25", 0]] as const) {
    const world = new World({
      files: filesWithSnapshot(),
      directives: { "key-load-delay": delay },
    });
    const startMs = world.clock.wallMs();
    assert.equal(world.persistence.load(), "");
    const waited = world.clock.wallMs() - startMs;
    assert.ok(Math.abs(waited - ms) <= 2, `${waited} ms`);
  }
});

test("a server that ends while it loads keeps the file it had", () => {
  const files = filesWithSnapshot();
  const before = files.now.get("dump.rdb");
  const { world, loading, problems } = begun(files, SMALL);
  loading.step();
  world.persistence.close();
  assert.ok(!loading.step());
  assert.deepEqual(problems, []);
  assert.equal(files.now.get("dump.rdb"), before);
});

test("DEBUG RELOAD goes through the file; NOSAVE reads what is there", () => {
  const files = new MemoryFiles();
  const world = new World({ files });
  const client = world.connect();
  client.call("SET", "a", "1");
  assert.equal(client.call("DEBUG", "RELOAD"), "+OK\r\n");
  assert.deepEqual([...files.now.keys()], ["dump.rdb"]);
  client.call("SET", "a", "2");
  client.call("SET", "b", "2");
  assert.equal(client.call("DEBUG", "RELOAD", "NOSAVE"), "+OK\r\n");
  assert.equal(client.call("GET", "a"), "$1\r\n1\r\n");
  assert.equal(client.call("GET", "b"), "$-1\r\n");
  client.call("BGSAVE");
  assert.equal(client.call("DEBUG", "RELOAD"), "+OK\r\n");
  assert.equal(client.call("GET", "a"), "$1\r\n1\r\n");
});

test("DEBUG RELOAD NOSAVE leaves the data alone where there is nothing that can be loaded", () => {
  const files = new MemoryFiles();
  const world = new World({ files });
  const client = world.connect();
  client.call("SET", "a", "1");
  const refused = "-ERR Error trying to load the RDB dump, check server logs.\r\n";
  assert.equal(client.call("DEBUG", "RELOAD", "NOSAVE"), refused);
  for (const text of ["VALKEY987", "REDIS0000", "nonsense, and more of it", "VAL"]) {
    files.now.set("dump.rdb", new TextEncoder().encode(text));
    assert.equal(client.call("DEBUG", "RELOAD", "NOSAVE"), refused);
    assert.equal(client.call("GET", "a"), "$1\r\n1\r\n", text);
  }
});
