// cases.ts: runs tables of command lines: one table, many executions.
//
//   cases("ZADD", [
//     // name                 steps                                  reply of the last step
//     ["adds and counts",     ["ZADD z 1 a 2 b"],                    ":2"],
//     ["keeps the old score", ["ZADD z 1 a", "ZADD z NX 9 a"],       ":0"],
//     ["wrong type",          ["SET z x", "ZADD z 1 a"],             /^-WRONGTYPE/],
//     ["score",               ["ZADD z 1.5 a", "ZSCORE z a"],        { resp2: "$3 1.5", resp3: ",1.5" }],
//   ]);
//
// Every row starts from an empty server and runs whole and byte by byte, in RESP2 and in RESP3, and
// once per variant. With SIGRUN_REFERENCE=host:port it also runs against that server (which is
// flushed), so that a table can be checked against the reference; the types of its RESP3 replies must be ours. Directives
// are set there and back; where that is refused the row is not asked there.
//
// STEPS are command lines as typed in the client, quotes included. Further forms:
//   "@2 BLPOP k 0"   on connection 2 (connection 1 otherwise)
//   "@2 <"           sends nothing: the replies that connection 2 has not shown yet
//   "~150"           lets 150 milliseconds pass
//
// REPLIES are those of the last step, all frames in a row, on one line: each CRLF is a space. "" is
// no reply. A plain text or pattern holds for RESP2; in RESP3 the reply may be the same or one that
// says the same in RESP3 types: nulls, doubles, booleans, maps, sets, verbatim text. Where RESP3
// differs in more than types, give { resp2, resp3 }.
//
// The type of a reply must be among those its declaration allows (CommandSpec.reply).

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import type { CommandSpec, ReplyShape } from "../../lib/commands/spec.ts";
import { ALL_COMMANDS } from "../../lib/commands/table.ts";
import { encodeArgs, flatten, parseReplies, type Reply, splitWords } from "./resp.ts";
import { openSocket } from "./socket_transport.ts";
import { type Connection, ReplyTimeout } from "./transport.ts";
import { type MemoryClient, World } from "./world.ts";

/** What a reply must be. */
export type Expected = string | RegExp | { resp2: string | RegExp; resp3: string | RegExp };

/** One row of a table. */
export type Row = readonly [name: string, steps: readonly string[], reply: Expected];

/** Settings of a table. */
export interface CaseOptions {
  /**
   * Steps that run before each row, by variant name: the whole table runs once per variant, for
   * example with limits that force one encoding or the other.
   */
  variants?: Readonly<Record<string, readonly string[]>>;
  /** Directives the server is started with. */
  directives?: Readonly<Record<string, string>>;
}

type Proto = 2 | 3;

/** One step, taken apart. */
type Step =
  | { kind: "send"; connection: number; args: string[] }
  | { kind: "read"; connection: number }
  | { kind: "sleep"; ms: number };

function parseStep(step: string): Step {
  if (step.startsWith("~")) return { kind: "sleep", ms: Number(step.slice(1)) };
  const match = /^@(\d+) ([^]*)$/.exec(step);
  const connection = match ? Number(match[1]) : 1;
  const line = match ? match[2] : step;
  if (line === "<") return { kind: "read", connection };
  return { kind: "send", connection, args: splitWords(line) };
}

/** A reply with the RESP3 types turned into what RESP2 would say. */
export function downgrade(reply: Reply): string {
  const { type, text, items } = reply;
  if (items !== undefined) {
    const kept = type === "|" ? items.slice(-1) : items;
    if (type === "|") return kept.map(downgrade).join("");
    return `*${kept.length}\r\n${kept.map(downgrade).join("")}`;
  }
  if (type === "null") return "$-1\r\n";
  if (type === "#") return text === "t" ? ":1\r\n" : ":0\r\n";
  if (type === "," || type === "(") return `$${text.length}\r\n${text}\r\n`;
  if (type === "=") return `$${text.length - 4}\r\n${text.slice(4)}\r\n`;
  if (type === "!") return `-${text}\r\n`;
  return type === "$" ? `$${text.length}\r\n${text}\r\n` : `${type}${text}\r\n`;
}

function matches(expected: string | RegExp, reply: string): boolean {
  const shown = flatten(reply);
  if (typeof expected !== "string") return expected.test(shown);
  return shown === expected.replace(/ +$/, "");
}

function accepts(expected: Expected, reply: string, proto: Proto): boolean {
  if (typeof expected === "object" && "resp2" in expected) {
    return matches(proto === 2 ? expected.resp2 : expected.resp3, reply);
  }
  if (matches(expected, reply)) return true;
  if (proto === 2) return false;
  const lowered = parseReplies(reply).map(downgrade).join("");
  // RESP3 has one null where RESP2 has two.
  return matches(expected, lowered) || matches(expected, lowered.replaceAll("$-1\r\n", "*-1\r\n"));
}

const SPECS = new Map<string, CommandSpec>(ALL_COMMANDS.map((spec) => [spec.name, spec]));

/** The declaration a command line uses, or undefined for unknown commands. */
export function specOf(args: readonly string[]): CommandSpec | undefined {
  const name = (args[0] ?? "").toUpperCase();
  const sub = args.length > 1 ? SPECS.get(`${name}|${args[1].toUpperCase()}`) : undefined;
  return sub ?? SPECS.get(name);
}

const SHAPES_OF: Readonly<Record<string, readonly ReplyShape[]>> = {
  "+": ["simple"],
  ":": ["integer"],
  "$": ["bulk"],
  "*": ["array"],
  "%": ["map"],
  "~": ["set"],
  ",": ["double"],
  "#": ["boolean"],
  "=": ["verbatim"],
  ">": ["push"],
  "(": ["integer"],
  null: ["null"],
};

/** Shapes that look like another type in RESP2. */
const RESP2_SHAPES: Readonly<Record<string, readonly ReplyShape[]>> = {
  "$": ["double", "verbatim"],
  "*": ["map", "set", "push"],
  ":": ["boolean"],
};

/** Fails unless the first frame of a reply has a type the declaration allows. */
export function assertShape(args: readonly string[], replyText: string, proto: Proto): void {
  const spec = specOf(args);
  if (spec === undefined || spec.reply.includes("any")) return;
  if (replyText === "") {
    assert.ok(spec.reply.includes("none"), `${spec.name} answered nothing; "none" is not declared`);
    return;
  }
  let [reply] = parseReplies(replyText);
  if (reply.type === "|" && reply.items) reply = reply.items[reply.items.length - 1];
  if (reply.type === "-" || reply.type === "!" || (reply.type === "+" && reply.text === "QUEUED")) {
    return;
  }
  const possible = [...SHAPES_OF[reply.type] ?? []];
  if (proto === 2) possible.push(...RESP2_SHAPES[reply.type] ?? []);
  assert.ok(
    possible.some((shape) => spec.reply.includes(shape)),
    `${spec.name} answered ${JSON.stringify(flatten(replyText).slice(0, 80))} in RESP${proto}; ` +
      `declared are: ${spec.reply.join(", ")}`,
  );
}

/** Runs steps in memory and returns the reply of the last one. */
function runInMemory(
  steps: readonly Step[],
  proto: Proto,
  chunkBytes: number,
  directives: Readonly<Record<string, string>>,
): string {
  const world = new World({ directives });
  const clients = new Map<number, MemoryClient>();
  const client = (number: number): MemoryClient => {
    let found = clients.get(number);
    if (found === undefined) {
      found = world.connect();
      if (proto === 3) found.call("HELLO", "3");
      found.chunkBytes = chunkBytes;
      clients.set(number, found);
    }
    return found;
  };
  let reply = "";
  for (const step of steps) {
    if (step.kind === "sleep") {
      world.advance(step.ms);
      continue;
    }
    const { socket: { reader }, session } = client(step.connection);
    if (step.kind === "read") {
      reply = reader.take();
      continue;
    }
    reader.take();
    const isMuted = session.replyOff || session.replySkipNext;
    client(step.connection).send(step.args);
    reply = reader.take();
    // Who asked for silence or has to wait may get nothing.
    if (reply === "" && (isMuted || session.hold !== 0)) continue;
    assertShape(step.args, reply, session.proto === 3 ? 3 : 2);
  }
  return reply;
}

/** Milliseconds a server on the network may take. */
const REPLY_MS = 3000;
/** Milliseconds after which a server that said nothing is believed to have nothing to say. */
const QUIET_MS = 20;

/** Everything a connection has to say: at least `frames` frames, then until it is quiet. */
async function readAll(connection: Connection, frames: number): Promise<string> {
  let text = "";
  for (let n = 0; n < frames; n++) text += await connection.frame(REPLY_MS);
  while (await connection.quiet(frames > 0 ? 1 : QUIET_MS) !== "") {
    text += await connection.frame(REPLY_MS);
  }
  return text;
}

/** Runs steps against a server on the network; `frames` is how many the last step answers with. */
async function runOverSocket(
  steps: readonly Step[],
  proto: Proto,
  address: Address,
  frames: number,
): Promise<string> {
  const connections = new Map<number, Connection>();
  const connection = async (number: number): Promise<Connection> => {
    let found = connections.get(number);
    if (found === undefined) {
      found = await openSocket(address.host, address.port);
      if (proto === 3) {
        await found.write(encodeArgs(["HELLO", "3"]));
        await found.frame(REPLY_MS);
      }
      connections.set(number, found);
    }
    return found;
  };
  let reply = "";
  try {
    for (const [i, step] of steps.entries()) {
      if (step.kind === "sleep") {
        await new Promise((resolve) => setTimeout(resolve, step.ms));
        continue;
      }
      const target = await connection(step.connection);
      if (step.kind === "send") await target.write(encodeArgs(step.args));
      const later = steps.slice(i + 1).some((next) =>
        next.kind === "read" && next.connection === step.connection
      );
      const last = i === steps.length - 1;
      // A step whose reply is read later may block.
      reply = await readAll(target, last ? frames : later ? 0 : 1).catch((error) => {
        if (error instanceof ReplyTimeout && !last) return "";
        throw error;
      });
    }
  } finally {
    for (const open of connections.values()) open.close();
  }
  return reply;
}

function referenceAddress(): Address | undefined {
  const text = process.env.SIGRUN_REFERENCE;
  if (!text) return undefined;
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

type Address = { host: string; port: number };

/** Sets directives of a server on the network. Returns the values before, or undefined where one is refused. */
async function configure(
  address: Address,
  directives: Readonly<Record<string, string>>,
): Promise<Record<string, string> | undefined> {
  // Who has to log in first cannot be asked like the others.
  if ("requirepass" in directives) return undefined;
  const connection = await openSocket(address.host, address.port);
  const ask = async (...args: string[]) => {
    await connection.write(encodeArgs(args));
    return parseReplies(await connection.frame(REPLY_MS))[0];
  };
  try {
    const before: Record<string, string> = {};
    for (const [name, value] of Object.entries(directives)) {
      before[name] = (await ask("CONFIG", "GET", name)).items?.[1]?.text ?? "";
      if ((await ask("CONFIG", "SET", name, value)).type === "-") return undefined;
    }
    return before;
  } finally {
    connection.close();
  }
}

/** The types a reply is made of: "*[$ ~[: :]]". */
function typesOf(text: string): string {
  const types = ({ type, items }: Reply): string =>
    items === undefined ? type : `${type}[${items.map(types).join(" ")}]`;
  return parseReplies(text).map(types).join(" ");
}

const FLUSH: Step = { kind: "send", connection: 1, args: ["FLUSHALL"] };

function describe(expected: Expected, proto: Proto): string {
  if (typeof expected === "object" && "resp2" in expected) {
    return String(proto === 2 ? expected.resp2 : expected.resp3);
  }
  return String(expected);
}

function checkReply(reply: string, expected: Expected, proto: Proto, how: string): void {
  if (accepts(expected, reply, proto)) return;
  assert.fail(
    `${how}, RESP${proto}\n  want ${describe(expected, proto)}\n  got  ${flatten(reply)}`,
  );
}

/** Runs one row in every way and fails with the way in the message. */
async function runRow(
  steps: readonly Step[],
  expected: Expected,
  directives: Readonly<Record<string, string>>,
): Promise<void> {
  const address = referenceAddress();
  for (const proto of [2, 3] as const) {
    let reply = "";
    for (const [how, chunkBytes] of [["whole", Infinity], ["byte by byte", 1]] as const) {
      reply = runInMemory(steps, proto, chunkBytes, directives);
      checkReply(reply, expected, proto, how);
    }
    if (address) await askReference(address, steps, expected, proto, directives, reply);
  }
}

/** Runs one row on the reference; `ours` is our reply. */
async function askReference(
  address: Address,
  steps: readonly Step[],
  expected: Expected,
  proto: Proto,
  directives: Readonly<Record<string, string>>,
  ours: string,
): Promise<void> {
  const before = await configure(address, directives);
  if (before === undefined) return;
  try {
    const frames = parseReplies(ours).length;
    const reply = await runOverSocket([FLUSH, ...steps], proto, address, frames);
    checkReply(reply, expected, proto, `${address.host}:${address.port}`);
    // What only a pattern describes may have other parts there.
    if (proto === 3 && !(expected instanceof RegExp)) {
      assert.equal(typesOf(ours), typesOf(reply), "types of the reply in RESP3");
    }
  } finally {
    await configure(address, before);
  }
}

/** Makes a test of every row (and variant). */
export function cases(name: string, rows: readonly Row[], options: CaseOptions = {}): void {
  const variants = Object.entries(options.variants ?? { "": [] });
  for (const [variant, before] of variants) {
    const title = variant === "" ? name : `${name} (${variant})`;
    for (const [rowName, steps, expected] of rows) {
      test(`${title}: ${rowName}`, async () => {
        await runRow([...before, ...steps].map(parseStep), expected, options.directives ?? {});
      });
    }
  }
}

/** Milliseconds an example may wait for its reply. */
const WAIT_MS = 2000;

/** Makes a test of every example of every declaration: run in order on an empty server. */
export function exampleCases(specs: readonly CommandSpec[] = ALL_COMMANDS): void {
  for (const spec of specs) {
    if (spec.examples.length === 0) continue;
    test(`example: ${spec.name}`, () => {
      const world = new World();
      const client = world.connect();
      for (const [line, expected] of spec.examples) {
        const args = splitWords(line);
        let reply = client.call(...args);
        if (reply === "" && expected !== "") {
          // The command waits: for a pause to end, or for its own time to run out.
          world.advance(WAIT_MS);
          reply = client.socket.reader.take();
        }
        const pattern = /^\/(.*)\/$/s.exec(expected);
        const wanted = pattern ? new RegExp(pattern[1], "s") : expected;
        assert.ok(
          matches(wanted, reply),
          `${line}\n  want ${expected}\n  got  ${flatten(reply)}`,
        );
        assertShape(args, reply, 2);
      }
    });
  }
}
