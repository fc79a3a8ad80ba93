// CONFIG GET and SET without a server: names, patterns, all or nothing, hooks.

import { test } from "node:test";
import assert from "node:assert/strict";
import { Config } from "../../../../lib/session/config/config.ts";
import { FakeHost } from "./fake_host.ts";

function failed(name: string, why: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`;
}

/** "a b c d" as pairs. */
function pairs(text: string): [string, string][] {
  const words = text.split(" ");
  const list: [string, string][] = [];
  for (let i = 0; i < words.length; i += 2) list.push([words[i], words[i + 1]]);
  return list;
}

test("getters", () => {
  const config = new Config();
  assert.equal(config.text("save"), "3600 1 300 100 60 10000");
  assert.equal(config.number("port"), 6379);
  assert.equal(config.number("slowlog-max-len"), 128);
  assert.equal(config.flag("protected-mode"), true);
  assert.equal(config.flag("appendonly"), false);
  assert.throws(() => config.text("nosuch"), /nosuch/);
  assert.ok(config.isSensitive("MasterAuth"));
  assert.ok(!config.isSensitive("port") && !config.isSensitive("nosuch"));
});

test("CONFIG GET: names, aliases, patterns", () => {
  const config = new Config();
  const rows: readonly (readonly [patterns: string, answer: string])[] = [
    ["maxmemory", "maxmemory=0"],
    ["MAXMEMORY", "MAXMEMORY=0"],
    ["maxmemory MAXMEMORY", "maxmemory=0"],
    ["maxmemory maxm?mory", "maxmemory=0"],
    ["MAXM*y", "maxmemory=0 maxmemory-eviction-tenacity=10 maxmemory-policy=noeviction"],
    ["Slowlog-max-len slowlog-max-*", "Slowlog-max-len=128"],
    ["*slow*-max-len", "commandlog-slow-execution-max-len=128 slowlog-max-len=128"],
    ["key-load-delay", "key-load-delay=0"],
    ["key-load-dela?", ""],
    ["nosuch", ""],
    ["[a", ""],
    ["lfu-* hz", "hz=10 lfu-decay-time=1 lfu-log-factor=10"],
  ];
  for (const [patterns, answer] of rows) {
    const got = config.match(patterns.split(" ")).map(([name, value]) => `${name}=${value}`);
    assert.equal(got.join(" "), answer, patterns);
  }
  assert.deepEqual(config.match([""]), []);
  const names = config.match(["*"]).map(([name]) => name);
  assert.deepEqual(names, [...names].sort());
  // 226 directives and 28 aliases less 15 and one that show for their exact name only.
  assert.equal(names.length, 238);
});

test("CONFIG SET: what is refused", () => {
  const rows: readonly (readonly [pairs: string, error: string])[] = [
    ["nosuch 1", "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'"],
    ["NoSuch 1 other 2", "ERR Unknown option or number of arguments for CONFIG SET - 'NoSuch'"],
    ["Daemonize no", failed("Daemonize", "can't set immutable config")],
    ["maxmemory 1 daemonize no nosuch 2", failed("daemonize", "can't set immutable config")],
    ["MAXmemory 1 maxMEMORY 2", failed("maxMEMORY", "duplicate parameter")],
    ["SLOWLOG-MAX-LEN x", failed("slowlog-max-len", "argument couldn't be parsed into an integer")],
    ["dir x", failed("dir", "can't set protected config")],
    [
      "lua-enable-insecure-api yes",
      failed("lua-enable-insecure-api", "can't set protected config"),
    ],
    ["replicaof x", failed("replicaof", "can't set immutable config")],
    [
      "maxmemory 5 maxmemory-clients 200% hz x",
      failed("maxmemory-clients", "percentage argument must be less or equal to 100"),
    ],
  ];
  const config = new Config();
  const before = config.match(["*"]);
  for (const [text, error] of rows) assert.equal(config.set(pairs(text)), error, text);
  assert.deepEqual(config.match(["*"]), before);
});

test("CONFIG SET: words of one value are split at every blank", () => {
  const config = new Config();
  assert.equal(config.set([["save", "900 1 300 10"]]), "");
  assert.equal(config.text("save"), "900 1 300 10");
  assert.equal(config.set([["save", "1  1"]]), failed("save", "Invalid save parameters"));
  assert.equal(config.set([["save", "5 5"]]), "");
  assert.equal(config.text("save"), "5 5");
  assert.equal(config.set([["save", ""]]), "");
  assert.equal(config.text("save"), "");
  assert.equal(config.set([["bind", ""]]), "");
  assert.equal(config.text("bind"), "");
  assert.equal(config.set([["shutdown-on-sigterm", "FORCE now"]]), "");
  assert.equal(config.text("shutdown-on-sigterm"), "now force");
});

test("an alias is the same directive, and both may be set at once", () => {
  const config = new Config();
  assert.equal(config.set(pairs("slowlog-max-len 1 commandlog-slow-execution-max-len 2")), "");
  assert.equal(config.number("slowlog-max-len"), 2);
});

test("the letter n of keyspace events stays in force behind A", () => {
  const config = new Config();
  assert.equal(config.set([["notify-keyspace-events", "KEAn"]]), "");
  assert.deepEqual(config.match(["notify-keyspace-events"]), [["notify-keyspace-events", "AKE"]]);
  assert.equal(config.text("notify-keyspace-events"), "AnKE");
});

test("protected directives", () => {
  const rows = [["no", false, false], ["yes", true, true], ["local", true, false]] as const;
  for (const [allowed, localMay, remoteMay] of rows) {
    const config = new Config();
    assert.equal(config.load("enable-protected-configs", [allowed], false), "");
    const local = config.set([["dbfilename", "a"]], { isLocal: true }) === "";
    const remote = config.set([["dbfilename", "b"]], { isLocal: false }) === "";
    assert.deepEqual([local, remote], [localMay, remoteMay], allowed);
  }
});

test("while loading, some directives wait", () => {
  const config = new Config({ isLoading: () => true });
  config.load("enable-protected-configs", ["yes"], false);
  const loading = "LOADING Valkey is loading the dataset in memory";
  assert.equal(config.set([["dir", "x"]]), loading);
  assert.equal(config.set([["appendonly", "no"]]), loading);
  assert.equal(config.set([["loglevel", "debug"]]), "");
});

test("hooks run once, for changed directives", () => {
  const config = new Config();
  const calls: string[] = [];
  const note = (name: string) => () => {
    calls.push(name);
    return "";
  };
  const both = note("both");
  config.onApply("maxclients", both);
  config.onApply("timeout", both);
  config.onApply("slowlog-max-len", note("slowlog"));
  config.onApply("tls-cert-file", note("certificate"));
  assert.equal(config.set(pairs("maxclients 5 timeout 6 hz 7")), "");
  assert.equal(config.set(pairs("maxclients 5")), "");
  assert.equal(config.set(pairs("commandlog-slow-execution-max-len 9")), "");
  assert.equal(config.set([["tls-cert-file", ""]]), "");
  assert.deepEqual(calls, ["both", "slowlog", "certificate"]);
});

test("a veto puts everything back and applies it again", () => {
  const lines: string[] = [];
  const config = new Config({ log: { write: (_, text) => lines.push(text) } });
  const seen: string[] = [];
  config.onApply("timeout", () => {
    seen.push(`timeout ${config.number("timeout")}`);
    return "";
  });
  config.onApply("port", () => {
    seen.push(`port ${config.number("port")}`);
    return config.number("port") === 80 ? "Unable to listen on this port" : "";
  });
  const error = config.set(pairs("timeout 5 port 80 maxmemory 7"));
  assert.equal(error, failed("port", "Unable to listen on this port"));
  assert.deepEqual(seen, ["timeout 5", "port 80", "timeout 0", "port 6379"]);
  assert.equal(config.text("maxmemory"), "0");
  assert.match(lines.join(), /Possibly related to new port setting/);
});

test("the working directory", () => {
  const host = new FakeHost({ "/srv/data/x": "", "/var/x": "" });
  const config = new Config({ directory: host.directory });
  config.load("enable-protected-configs", ["yes"], false);
  assert.equal(config.text("dir"), "/srv");
  assert.equal(config.set([["dir", "data"]]), "");
  assert.deepEqual(config.match(["dir"]), [["dir", "/srv/data"]]);
  assert.equal(config.set([["dir", "/none"]]), failed("dir", "No such file or directory"));
  assert.equal(config.set([["dir", "/var"], ["hz", "x"]]).includes("'hz'"), true);
  assert.equal(config.text("dir"), "/srv/data");
});

test("CONFIG REWRITE", () => {
  const without = new Config();
  assert.equal(without.rewrite(), "ERR The server is running without a config file");
  let text: string | null = "# mine\ntimeout 1\n";
  const config = new Config({ file: { read: () => text, replace: (next) => text = next } });
  assert.equal(config.set(pairs("timeout 5")), "");
  assert.equal(config.rewrite(), "");
  assert.match(text, /^# mine\ntimeout 5\n/);
  const broken = new Config({
    file: {
      read: () => null,
      replace: () => {
        throw new Error("Permission denied");
      },
    },
  });
  assert.equal(broken.rewrite(), "ERR Rewriting config file: Permission denied");
});
