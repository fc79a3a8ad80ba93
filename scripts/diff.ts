// diff.ts: asks two servers the same random commands and shows the first answer in which they differ.
//
//   deno task diff --a 6379 --b 7000            ports of two running servers on this machine; both are emptied
//     --ops 100000 --seed 1
//     --only lists,zsets                        families of commands (diff_grammar.ts), all by default
//     --resp 3                                  in RESP3
//     --seconds 60                              longest time to spend on making a difference smaller
//
// Both must allow DEBUG. Replies are compared one by one, DEBUG DIGEST after every 2,000 commands; after every 20,000 both
// start anew, so that what leads to a difference is never longer. A difference is replayed with fewer and fewer commands
// as long as it shows; what is left is printed. Ends with status 1 then.

import process from "node:process";
import { parseArgs } from "node:util";
import { SeededRandom } from "../tests/kit/clock.ts";
import { parseReply } from "../tests/kit/resp.ts";
import { FAMILIES, Grammar, mayBlock, type Op } from "./diff_grammar.ts";
import { agree, Pipe } from "./diff_wire.ts";

const BATCH = 250;
const DIGEST_EVERY = 2000;
const ROUND = 20_000;
const PAYLOADS_MAX = 50;
const PROGRESS_MS = 10_000;

const LIMITS: Readonly<Record<string, string>> = {
  "hash-max-listpack-entries": "512",
  "hash-max-listpack-value": "64",
  "set-max-intset-entries": "512",
  "set-max-listpack-entries": "128",
  "zset-max-listpack-entries": "128",
  "zset-max-listpack-value": "64",
  "list-max-listpack-size": "-2",
  "stream-node-max-entries": "100",
  "hll-sparse-max-bytes": "3000",
  // Two compressors may differ.
  "rdbcompression": "no",
};

const RESET: readonly string[][] = [
  ["SELECT", "0"],
  ["FLUSHALL"],
  ...Object.entries(LIMITS).map(([name, value]) => ["CONFIG", "SET", name, value]),
];

const DIGEST: Op = { args: ["DEBUG", "DIGEST"], compare: "exact" };

/** Two servers. */
interface Pair {
  a: Pipe;
  b: Pipe;
}

/** Where two servers parted: the command, by its place in the list, and what they said. */
interface Difference {
  index: number;
  op: Op;
  a: string;
  b: string;
}

async function ask(pair: Pair, ops: readonly Op[]): Promise<[string[], string[]]> {
  const commands = ops.map((op) => op.args);
  return await Promise.all([pair.a.ask(commands), pair.b.ask(commands)]);
}

async function reset(pair: Pair, resp: string): Promise<void> {
  const commands = [["HELLO", resp], ["DISCARD"], ...RESET];
  await Promise.all([pair.a.ask(commands), pair.b.ask(commands)]);
}

function compare(ops: readonly Op[], a: string[], b: string[]): Difference | undefined {
  for (let i = 0; i < ops.length; i++) {
    if (!agree(ops[i], a[i], b[i])) return { index: i, op: ops[i], a: a[i], b: b[i] };
  }
  return undefined;
}

/** Runs commands on two empty servers and compares everything, the digest at the end as well. */
async function replay(
  pair: Pair,
  resp: string,
  ops: readonly Op[],
): Promise<Difference | undefined> {
  await reset(pair, resp);
  const all = [...ops, { args: ["DISCARD"], compare: "type" } satisfies Op, DIGEST];
  for (let from = 0; from < all.length; from += BATCH) {
    const part = all.slice(from, from + BATCH);
    const found = compare(part, ...await ask(pair, part));
    if (found) return { ...found, index: from + found.index };
  }
  return undefined;
}

/**
 * Makes a list of commands whole again after some were left out: each EXEC is told how the replies inside it compare, and
 * what would block outside of a transaction goes.
 */
function relink(ops: readonly Op[]): Op[] {
  let inside: Op["compare"][] = [];
  let isOpen = false;
  const kept: Op[] = [];
  for (const op of ops) {
    if (!isOpen && mayBlock(op)) continue;
    if (op.args[0] === "MULTI") {
      inside = [];
      isOpen = true;
      kept.push(op);
    } else if (op.compare === "exec") {
      kept.push({ ...op, inside });
      isOpen = false;
    } else {
      inside.push(op.compare);
      kept.push(op);
    }
  }
  return kept;
}

/** Leaves out commands as long as the two still differ. */
async function shrink(pair: Pair, resp: string, ops: Op[], seconds: number): Promise<Op[]> {
  const deadline = Date.now() + seconds * 1000;
  let kept = ops;
  for (let chunk = kept.length >> 1; chunk > 0 && Date.now() < deadline;) {
    let removed = false;
    for (let from = 0; from < kept.length && Date.now() < deadline;) {
      const fewer = relink([...kept.slice(0, from), ...kept.slice(from + chunk)]);
      const found = await replay(pair, resp, fewer);
      if (found === undefined) {
        from += chunk;
        continue;
      }
      kept = fewer.slice(0, found.index + 1);
      removed = true;
    }
    if (chunk > 1 || !removed) chunk >>= 1;
  }
  return kept;
}

/** A word as one would type it. */
function typed(word: string): string {
  if (/^[-\w.:*+$#~=()[\]>]+$/.test(word)) return word;
  const escaped = word.replace(
    /[^ -~]|["\\]/g,
    (char) =>
      /["\\]/.test(char) ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}

function shown(op: Op): string {
  return op.args.map(typed).join(" ");
}

/** The keys whose values differ, and which the last commands on them were. */
async function showKeys(pair: Pair, ops: readonly Op[]): Promise<void> {
  const [keys] = await pair.a.ask([["KEYS", "*"]]);
  for (const { text: key } of parseReply(keys).reply.items ?? []) {
    const question: Op = { args: ["DEBUG", "DIGEST-VALUE", key], compare: "exact" };
    const [[a], [b]] = await ask(pair, [question]);
    if (a === b) continue;
    console.log(`\nkey ${typed(key)} differs; the last commands on it:`);
    for (const op of ops.filter(({ args }) => args.includes(key)).slice(-8)) {
      console.log(`  ${shown(op)}`);
    }
  }
}

async function report(pair: Pair, resp: string, ops: Op[], found: Difference, seconds: number) {
  console.log(`\nDIFFERENCE at command ${found.index} of this round: ${shown(found.op)}`);
  console.log(`  a: ${JSON.stringify(found.a).slice(0, 1000)}`);
  console.log(`  b: ${JSON.stringify(found.b).slice(0, 1000)}`);
  if (found.op.args[1] === "DIGEST") await showKeys(pair, ops);
  const kept = await shrink(pair, resp, ops, seconds);
  const again = await replay(pair, resp, kept);
  if (again === undefined) return console.log("\nIt does not show when it is played again.");
  console.log(`\nsmallest way to it, ${kept.length} commands on empty servers:`);
  for (const op of kept) console.log(`  ${shown(op)}`);
  console.log(`then ${shown(again.op)} answers`);
  console.log(`  a: ${JSON.stringify(again.a).slice(0, 2000)}`);
  console.log(`  b: ${JSON.stringify(again.b).slice(0, 2000)}`);
}

/** Keeps payloads of DUMP for RESTORE. */
function keepPayloads(grammar: Grammar, ops: readonly Op[], replies: readonly string[]): void {
  ops.forEach((op, i) => {
    if (op.compare !== "dump" || replies[i][0] !== "$" || replies[i][1] === "-") return;
    grammar.payloads.push(parseReply(replies[i]).reply.text);
    if (grammar.payloads.length > PAYLOADS_MAX) grammar.payloads.shift();
  });
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      a: { type: "string" },
      b: { type: "string" },
      ops: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      only: { type: "string" },
      resp: { type: "string", default: "2" },
      seconds: { type: "string", default: "60" },
    },
  });
  if (values.a === undefined || values.b === undefined) {
    throw new Error(`--a PORT --b PORT; families: ${FAMILIES.join(" ")}`);
  }
  const pair = { a: await Pipe.open(Number(values.a)), b: await Pipe.open(Number(values.b)) };
  const families = values.only?.split(",") ?? FAMILIES;
  const grammar = new Grammar(new SeededRandom(Number(values.seed)), families);
  const started = Date.now();
  let shownMs = started;
  let done = 0;
  while (done < Number(values.ops)) {
    await reset(pair, values.resp);
    const round: Op[] = [];
    while (round.length < ROUND && done + round.length < Number(values.ops)) {
      const from = round.length;
      while (round.length < from + BATCH) round.push(...grammar.next());
      if (Math.floor(round.length / DIGEST_EVERY) !== Math.floor(from / DIGEST_EVERY)) {
        round.push(DIGEST);
      }
      const part = round.slice(from);
      const [a, b] = await ask(pair, part);
      const found = compare(part, a, b);
      if (found) {
        const ops = round.slice(0, from + found.index + 1);
        const place = { ...found, index: from + found.index };
        await report(pair, values.resp, ops, place, Number(values.seconds));
        return false;
      }
      keepPayloads(grammar, part, a);
    }
    done += round.length;
    if (Date.now() - shownMs > PROGRESS_MS) {
      shownMs = Date.now();
      console.log(`${done} commands in ${((shownMs - started) / 1000).toFixed(0)} s`);
    }
  }
  const seconds = (Date.now() - started) / 1000;
  console.log(`${done} commands, no difference, ${seconds.toFixed(1)} s (seed ${values.seed})`);
  await reset(pair, values.resp);
  return true;
}

if (import.meta.main) {
  const isEqual = await main();
  process.exit(isEqual ? 0 : 1);
}
