// Values of all kinds: what is taken, how it is shown, what the complaint says. The answers were
// recorded from the reference server.

import { test } from "node:test";
import assert from "node:assert/strict";
import { DIRECTIVE_BY_NAME } from "../../../../lib/session/config/registry.ts";
import type { Directive } from "../../../../lib/session/config/directive.ts";
import {
  fileLines,
  numberValue,
  readValue,
  shownValue,
} from "../../../../lib/session/config/values.ts";

function directive(name: string): Directive {
  const found = DIRECTIVE_BY_NAME.get(name);
  assert.ok(found !== undefined, name);
  return found;
}

function read(name: string, ...words: string[]): { text: string; error: string } {
  const found = directive(name);
  return readValue(found, words, { current: found.initial, append: false });
}

const INTEGER = "argument couldn't be parsed into an integer";
const MEMORY = "argument must be a memory value";
const LONG_MAX = "9223372036854775807";

function between(min: string | number, max: string | number): string {
  return `argument must be between ${min} and ${max} inclusive`;
}

// name, word, shown text
const GOOD: readonly (readonly [name: string, word: string, shown: string])[] = [
  ["activerehashing", "NO", "no"],
  ["activerehashing", "no\0x", "no"],
  ["maxmemory", "", "0"],
  ["maxmemory", "kb", "0"],
  ["maxmemory", "1kB", "1024"],
  ["maxmemory", "1k", "1000"],
  ["maxmemory", "2M", "2000000"],
  ["maxmemory", "1gb", "1073741824"],
  ["maxmemory", "1g", "1000000000"],
  ["maxmemory", "7b", "7"],
  ["maxmemory", "007", "7"],
  ["maxmemory", "18446744073709551615", "18446744073709551615"],
  ["maxmemory", "17179869184gb", "0"],
  ["maxmemory-clients", "5%", "5%"],
  ["maxmemory-clients", "0%", "0"],
  ["maxmemory-clients", "100%", "100%"],
  ["maxmemory-clients", "5mb", "5242880"],
  ["slot-migration-max-failover-repl-bytes", "-1", "-1"],
  ["slot-migration-max-failover-repl-bytes", "1k", "1000"],
  ["cluster-blacklist-ttl", "-1", "-1"],
  ["hz", "0", "1"],
  ["hz", "1000", "500"],
  ["hz", "100", "100"],
  ["list-max-listpack-size", "-2147483648", "-2147483648"],
  ["unixsocketperm", "0700", "700"],
  ["unixsocketperm", " 70", "70"],
  ["unixsocketperm", "", "0"],
  ["unixsocketperm", "777", "777"],
  ["maxclients", "4294967295", "4294967295"],
  ["loglevel", "Debug", "debug"],
  ["oom-score-adj", "RELATIVE", "yes"],
  ["availability-zone", "a\0b", "a\0b"],
  ["bind-source-addr", "a\0b", "a"],
  ["proc-title-template", "{{x", "{{x"],
  ["proc-title-template", "{title} {port}", "{title} {port}"],
  ["cluster-announce-client-ipv4", "1.2.3.4", "1.2.3.4"],
  ["cluster-announce-client-ipv6", "::", "::"],
  ["cluster-announce-client-ipv6", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["cluster-announce-client-ipv6", "::ffff:1.2.3.4", "::ffff:1.2.3.4"],
  ["cluster-announce-human-nodename", "a b", "a b"],
  ["cluster-announce-hostname", "a.b-C9", "a.b-C9"],
  ["locale-collate", "C", "C"],
  ["notify-keyspace-events", "", ""],
  ["notify-keyspace-events", "KEA", "AKE"],
  ["notify-keyspace-events", "Elg", "glE"],
  ["notify-keyspace-events", "KEg$lshzxetdmn", "AKEm"],
  ["notify-keyspace-events", "Kn", "nK"],
  ["notify-keyspace-events", "ng$", "g$n"],
];

test("values that are taken", () => {
  for (const [name, word, shown] of GOOD) {
    const { text, error } = read(name, word);
    assert.equal(error, "", `${name} ${word}`);
    assert.equal(shownValue(directive(name), text), shown, `${name} ${word}`);
  }
});

const BAD: readonly (readonly [name: string, word: string, error: string])[] = [
  ["activerehashing", "maybe", "argument must be 'yes' or 'no'"],
  ["activerehashing", "", "argument must be 'yes' or 'no'"],
  ["maxmemory", "18446744073709551616", MEMORY],
  ["maxmemory", "0x10", MEMORY],
  ["maxmemory", " 1", MEMORY],
  ["maxmemory", "1 ", MEMORY],
  ["maxmemory", "+1", MEMORY],
  ["maxmemory", "-1", MEMORY],
  ["maxmemory", "1tb", MEMORY],
  ["maxmemory", "1".repeat(128), MEMORY],
  ["maxmemory-clients", "101%", "percentage argument must be less or equal to 100"],
  [
    "maxmemory-clients",
    "9223372036854775808",
    "percentage argument must be less or equal to 100",
  ],
  ["maxmemory-clients", "-1", "argument must be a memory or percent value"],
  ["maxmemory-clients", "%", "argument must be a memory or percent value"],
  ["maxmemory-clients", "5.5%", "argument must be a memory or percent value"],
  ["slot-migration-max-failover-repl-bytes", "-2", between(-1, LONG_MAX)],
  ["slot-migration-max-failover-repl-bytes", "9223372036854775808", between(-1, LONG_MAX)],
  ["slot-migration-max-failover-repl-bytes", "x", MEMORY],
  ["cluster-blacklist-ttl", "18446744073709551615", INTEGER],
  ["hz", "-1", between(0, 2147483647)],
  ["hz", "2147483648", between(0, 2147483647)],
  ["hz", "01", INTEGER],
  ["hz", "+1", INTEGER],
  ["hz", "-0", INTEGER],
  ["hz", "", INTEGER],
  ["hz", "1\0", INTEGER],
  ["maxclients", "0", between(1, 4294967295)],
  ["maxclients", "-1", between(1, 4294967295)],
  ["hash-max-listpack-value", "9223372036854775808", between(0, LONG_MAX)],
  ["repl-backlog-size", "9223372036854775808", between(1, LONG_MAX)],
  ["set-max-intset-entries", "-1", between(0, LONG_MAX)],
  ["unixsocketperm", "8", "argument couldn't be parsed as an octal number"],
  ["unixsocketperm", "1000", between(0, 777)],
  ["unixsocketperm", "-1", between(0, 777)],
  [
    "rdb-version-check",
    "foo",
    "argument(s) must be one of the following: strict, relaxed",
  ],
  [
    "oom-score-adj",
    "x",
    "argument(s) must be one of the following: no, yes, relative, absolute",
  ],
  ["dbfilename", "", "dbfilename can't be empty"],
  ["dbfilename", "a/b", "dbfilename can't be a path, just a filename"],
  ["appenddirname", "a\\b", "appenddirname can't be a path, just a dirname"],
  ["cluster-config-file", "", "cluster-config-file can't be empty"],
  [
    "cluster-announce-hostname",
    "a_b",
    "Hostnames may only contain alphanumeric characters, hyphens or dots",
  ],
  ["cluster-announce-hostname", "a".repeat(256), "Hostnames must be less than 256 characters"],
  [
    "cluster-announce-human-nodename",
    "a#",
    "Announced human node name contained invalid character",
  ],
  ["cluster-announce-client-ipv4", "01.2.3.4", "Invalid IPv4 address"],
  ["cluster-announce-client-ipv4", "1.2.3", "Invalid IPv4 address"],
  ["cluster-announce-client-ipv6", "1::zz", "Invalid IPv6 address"],
  ["cluster-announce-client-ipv6", "1:2:3:4:5:6:7::8", "Invalid IPv6 address"],
  ["cluster-announce-client-ipv6", "1::2::3", "Invalid IPv6 address"],
  [
    "hash-seed",
    "a".repeat(257),
    "hash-seed must be less than or equal to 256 characters",
  ],
  [
    "proc-title-template",
    "{title} {foo}",
    "template format is invalid or contains unknown variables",
  ],
  ["proc-title-template", " ", "template format is invalid or contains unknown variables"],
  ["proc-title-template", "{", "template format is invalid or contains unknown variables"],
  [
    "notify-keyspace-events",
    "K E",
    "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
  ],
];

test("values that are refused", () => {
  for (const [name, word, error] of BAD) {
    assert.deepEqual(read(name, word), { text: "", error }, `${name} ${word}`);
  }
});

const LIMITS = "client-output-buffer-limit";
const PERCENTILES = "latency-tracking-info-percentiles";
const SAVE_ERROR = "Invalid save parameters";
const OUT_OF_OOM = "Invalid oom-score-adj-values, elements must be between -2000 and 2000.";

const SEVERAL: readonly (readonly [name: string, words: string[], text: string, error: string])[] =
  [
    ["save", ["900", "1", "300", "10"], "900 1 300 10", ""],
    ["save", [""], "", ""],
    ["save", [], "", ""],
    ["save", ["+5", "007"], "5 7", ""],
    ["save", ["99999999999", "99999999999"], "99999999999 1215752191", ""],
    ["save", ["9223372036854775808", "1"], "9223372036854775807 1", ""],
    ["save", ["1"], "", SAVE_ERROR],
    ["save", ["1", "1", ""], "", SAVE_ERROR],
    ["save", ["0", "1"], "", SAVE_ERROR],
    ["save", ["1", "-1"], "", SAVE_ERROR],
    ["save", ["a", "1"], "", SAVE_ERROR],
    [
      LIMITS,
      ["normal", "1mb", "512kb", "30"],
      "normal 1048576 524288 30 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
      "",
    ],
    [
      LIMITS,
      ["replica", "1k", "1KB", "08", "Pubsub", "1", "1", "1", "pubsub", "2", "2", ""],
      "normal 0 0 0 slave 1000 1024 8 pubsub 2 2 0",
      "",
    ],
    [
      LIMITS,
      ["primary", "1", "1", "1"],
      "",
      "Invalid client class specified in buffer limit configuration.",
    ],
    [LIMITS, ["normal", "1", "1"], "", "Wrong number of arguments in buffer limit configuration."],
    [
      LIMITS,
      ["normal", "x", "1", "1"],
      "",
      "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
    ],
    [
      LIMITS,
      ["normal", "1", "1", "9999999999999999999999"],
      "",
      "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
    ],
    ["oom-score-adj-values", ["+1", "-2", "2000"], "1 -2 2000", ""],
    ["oom-score-adj-values", ["", "1", "2"], "0 1 2", ""],
    ["oom-score-adj-values", ["1", "2"], "", "wrong number of arguments"],
    ["oom-score-adj-values", ["1", "2", "2001"], "", OUT_OF_OOM],
    ["oom-score-adj-values", ["1", "2", "x"], "", OUT_OF_OOM],
    [PERCENTILES, ["100.0", ".5", "5.", "0.0000001", "-0", "1e1"], "100 0.5 5 0 -0 10", ""],
    [PERCENTILES, [""], "", ""],
    [PERCENTILES, ["a"], "", "Invalid latency-tracking-info-percentiles parameters"],
    [
      PERCENTILES,
      ["50", "-1"],
      "",
      "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
    ],
    ["bind", ["127.0.0.1", "-::1"], "127.0.0.1 -::1", ""],
    ["bind", [""], "", ""],
    [
      "bind",
      "1 2 3 4 5 6 7 8 9 a b c d e f g h".split(" "),
      "",
      "Too many bind addresses specified.",
    ],
    ["replicaof", ["No", "One"], "", ""],
    ["replicaof", ["a"], "", "wrong number of arguments"],
    ["replicaof", ["a", "70000"], "", "Invalid primary port"],
    ["replicaof", ["a", "x"], "", "Invalid primary port"],
    ["shutdown-on-sigterm", ["FORCE", "now"], "now force", ""],
    ["shutdown-on-sigterm", ["default", "now", "now"], "now", ""],
    ["shutdown-on-sigterm", ["default"], "default", ""],
    [
      "shutdown-on-sigterm",
      ["save", "nosave"],
      "",
      "shutdown options SAVE and NOSAVE can't be used simultaneously",
    ],
    [
      "shutdown-on-sigterm",
      [],
      "",
      "argument(s) must be one of the following: default, save, nosave, now, force, safe, failover",
    ],
    ["dir", ["", "x"], "", "wrong number of arguments"],
    ["dir", [""], "", "dir can't be empty"],
  ];

test("directives of several words", () => {
  for (const [name, words, text, error] of SEVERAL) {
    assert.deepEqual(read(name, ...words), { text, error }, `${name} ${words.join(" ")}`);
  }
});

test("save lines of a file add up", () => {
  const save = directive("save");
  const state = { current: "900 1", append: true };
  assert.equal(readValue(save, ["300", "10"], state).text, "900 1 300 10");
  assert.equal(readValue(save, [], state).text, "900 1");
  assert.equal(readValue(save, [""], state).text, "");
});

test("what is not built refuses all but its default, and says so", () => {
  for (
    const [name, value, initial] of [
      ["cluster-enabled", "yes", "no"],
      ["tls-port", "6380", "0"],
      ["aclfile", "users.acl", ""],
      ["daemonize", "yes", "no"],
      ["mptcp", "yes", "no"],
      ["rdma-port", "1", "0"],
    ]
  ) {
    assert.match(read(name, value).error, /not|cannot|No /, name);
    assert.deepEqual(read(name, initial), { text: initial, error: "" }, name);
  }
});

test("numbers as numbers", () => {
  for (
    const [name, text, number] of [
      ["maxmemory", "1024", 1024],
      ["maxmemory-clients", "5%", -5],
      ["unixsocketperm", "700", 0o700],
      ["list-max-listpack-size", "-2", -2],
      ["loglevel", "notice", NaN],
    ] as const
  ) {
    assert.equal(numberValue(directive(name), text), number, name);
  }
});

test("lines of the file", () => {
  const rows: readonly (readonly [name: string, text: string, lines: string[], needed: boolean])[] =
    [
      ["maxmemory", "1073741824", ["1gb"], true],
      ["maxmemory", "1536", ["1536"], true],
      ["maxmemory", "3072", ["3kb"], true],
      ["maxmemory", "0", ["0"], false],
      ["maxmemory-clients", "5%", ["5%"], true],
      ["slot-migration-max-failover-repl-bytes", "-1", ["-1"], true],
      ["unixsocketperm", "700", ["700"], true],
      ["rdma-rx-size", "1048576", ["1048576"], false],
      ["requirepass", "", [], false],
      ["requirepass", 'a "b"\n\xff', ['"a \\"b\\"\\n\\xff"'], true],
      ["aclfile", "", ['""'], false],
      ["save", "", ['""'], true],
      ["save", "3600 1 300 100 60 10000", ["3600 1 300 100 60 10000"], false],
      ["bind", "* -::*", [], false],
      ["bind", "", ['""'], true],
      ["bind", "1.2.3.4 a'b", ['1.2.3.4 "a\'b"'], true],
      ["notify-keyspace-events", "AnKE", ['"AnKE"'], true],
      ["replicaof", "", [], false],
    ];
  for (const [name, text, lines, needed] of rows) {
    const got = fileLines(directive(name), text);
    assert.deepEqual(got, lines.map((line) => ({ text: line, needed })), name);
  }
  const limits = fileLines(
    directive(LIMITS),
    "normal 0 0 0 slave 1000 1024 8 pubsub 33554432 8388608 60",
  );
  assert.deepEqual(limits, [
    { part: "normal", text: "normal 0 0 0", needed: false },
    { part: "replica", text: "replica 1000 1kb 8", needed: true },
    { part: "pubsub", text: "pubsub 32mb 8mb 60", needed: false },
  ]);
});
