// CONFIG through a whole server; and every CONFIG step of the recorded conversations.

import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { type GoldenCase, goldenFamilies, loadGolden, sameReply } from "../../../kit/golden.ts";
import { flatten } from "../../../kit/resp.ts";
import { sharedPath, skipped } from "../../../kit/shared.ts";
import { World } from "../../../kit/world.ts";

const FAILED = "-ERR CONFIG SET failed (possibly related to argument";

cases("CONFIG", [
  // name                    steps                                         reply of the last step
  ["get one", ["CONFIG GET maxmemory"], "*2 $9 maxmemory $1 0"],
  ["get as asked", ["CONFIG GET MaxMemory"], "*2 $9 MaxMemory $1 0"],
  ["get several, sorted", ["CONFIG GET hz databases"], "*4 $9 databases $2 16 $2 hz $2 10"],
  ["get a pattern", ["CONFIG GET lfu-*"], "*4 $14 lfu-decay-time $1 1 $14 lfu-log-factor $2 10"],
  ["get none", ["CONFIG GET nosuch"], "*0"],
  ["set and get", ["CONFIG SET maxmemory 1kb", "CONFIG GET maxmemory"], "*2 $9 maxmemory $4 1024"],
  [
    "set through the alias",
    ["CONFIG SET slowlog-max-len 5", "CONFIG GET commandlog-slow-execution-max-len"],
    "*2 $33 commandlog-slow-execution-max-len $1 5",
  ],
  ["set several", ["CONFIG SET hz 20 timeout 5", "CONFIG GET hz"], "*2 $2 hz $2 20"],
  [
    "all or none",
    ["CONFIG SET hz 20 timeout x", "CONFIG GET hz"],
    "*2 $2 hz $2 10",
  ],
  [
    "the refusal",
    ["CONFIG SET hz 20 timeout x"],
    `${FAILED} 'timeout') - argument couldn't be parsed into an integer`,
  ],
  ["twice", ["CONFIG SET hz 1 HZ 2"], `${FAILED} 'HZ') - duplicate parameter`],
  ["immutable", ["CONFIG SET databases 5"], `${FAILED} 'databases') - can't set immutable config`],
  ["protected", ["CONFIG SET dir x"], `${FAILED} 'dir') - can't set protected config`],
  ["not built", ["CONFIG SET tls-port 5"], `${FAILED} 'tls-port') - TLS is not built yet`],
  ["odd number", ["CONFIG SET hz 20 timeout"], "-ERR syntax error"],
  ["too few", ["CONFIG SET hz"], "-ERR wrong number of arguments for 'config|set' command"],
  [
    "unknown directive",
    ["CONFIG SET nosuch 1"],
    "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'",
  ],
  [
    "empty text",
    ['CONFIG SET save "900 1"', 'CONFIG SET save ""', "CONFIG GET save"],
    "*2 $4 save $0",
  ],
  ["no file", ["CONFIG REWRITE"], "-ERR The server is running without a config file"],
  ["statistics", ["CONFIG RESETSTAT"], "+OK"],
  ["help", ["CONFIG HELP"], /^\*11 \+CONFIG <subcommand>/],
  ["unknown subcommand", ["CONFIG FOO"], "-ERR unknown subcommand 'FOO'. Try CONFIG HELP."],
]);

cases("CONFIG, protected directives for local clients", [
  ["a local client", ["CONFIG SET dbfilename x"], "+OK"],
], { directives: { "enable-protected-configs": "local" } });

cases("CONFIG, protected directives allowed", [
  ["file name", ["CONFIG SET dbfilename x", "CONFIG GET dbfilename"], "*2 $10 dbfilename $1 x"],
  [
    "no path",
    ["CONFIG SET dbfilename a/b"],
    `${FAILED} 'dbfilename') - dbfilename can't be a path, just a filename`,
  ],
], { directives: { "enable-protected-configs": "yes" } });

/** The CONFIG commands of a case in order; those around it have no recorded reply. */
function configSteps(
  golden: GoldenCase,
): { args: string[]; step: GoldenCase["steps"][0] | null }[] {
  const bare = (list: readonly string[][] = []) => list.map((args) => ({ args, step: null }));
  const steps = golden.steps.map((step) => ({ args: step.args ?? [], step }));
  return [...bare(golden.setup), ...steps, ...bare(golden.cleanup)]
    .filter(({ args }) => args[0]?.toUpperCase() === "CONFIG");
}

test("recorded CONFIG steps", () => {
  const folder = sharedPath("golden");
  if (folder === undefined) return skipped();
  let compared = 0;
  // In `acl` the replies depend on who asks.
  for (const family of goldenFamilies(folder).filter((name) => name !== "acl")) {
    for (const golden of loadGolden(folder, family)) {
      const steps = configSteps(golden);
      if (steps.length === 0) continue;
      const client = new World().connect();
      if (golden.proto === 3) client.call("HELLO", "3");
      for (const { args, step } of steps) {
        const reply = client.call(...args);
        if (step === null) {
          assert.equal(reply, "+OK\r\n", `${golden.case}: ${args.join(" ")}`);
          continue;
        }
        compared++;
        assert.ok(
          sameReply(step, reply),
          `${golden.case} (RESP${golden.proto}): ${args.join(" ")}\n  want ${
            flatten(step.reply ?? "")
          }\n  got  ${flatten(reply)}`,
        );
      }
    }
  }
  assert.ok(compared > 150, `only ${compared} steps were compared`);
});
