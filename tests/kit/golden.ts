// golden.ts: replays recorded conversations with the reference server and compares the replies.
//
// A file holds one case a line: connections, commands, and for each step the bytes the reference
// answered and how strictly they are compared. Cases run one after the other over any Transport
// (see transport.ts); before each one the data set, functions and scripts are flushed over a
// control connection that stays open. After a timeout or a hang-up the rest of a case is lost.
//
// Waiting is left to the transport: over sockets it is real, in process it moves the fake clock.

import { readdirSync, readFileSync } from "node:fs";
import { encodeArgs, parseReplies, parseReply, type Reply } from "./resp.ts";
import { isLater, maskKnown } from "./golden_known.ts";
import { type Connection, ConnectionClosed, ReplyTimeout, type Transport } from "./transport.ts";

/** Milliseconds a reply may take. */
const REPLY_MS = 3000;
/** Milliseconds between the pieces of a raw write. */
const PIECE_MS = 10;

export type Comparison = "exact" | "unordered" | "unordered-pairs" | "type" | "pattern";

/** One step of a case, as recorded. */
export interface GoldenStep {
  op?: "cmd" | "send" | "read" | "raw" | "none" | "closed" | "sleep" | "open" | "close";
  conn?: number;
  args?: string[];
  data?: string[];
  frames?: number;
  reply?: string;
  cmp?: Comparison;
  pattern?: string;
  at?: string[];
  ms?: number;
  save?: string;
  vars?: string[];
}

/** One case, as recorded. */
export interface GoldenCase {
  case: string;
  family: string;
  proto: 2 | 3;
  setup?: string[][];
  cleanup?: string[][];
  steps: GoldenStep[];
}

/** A step that did not answer as recorded. */
export interface GoldenFailure {
  case: string;
  proto: 2 | 3;
  step: number;
  why: string;
  sent: string;
  want: string;
  got: string;
}

/** Outcome of a case: steps with a recorded reply, how many of them failed, and what failed. */
export interface GoldenResult {
  steps: number;
  failed: number;
  failures: GoldenFailure[];
}

/** Names of the families in a folder of recorded conversations. */
export function goldenFamilies(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.slice(0, -".jsonl".length)).sort();
}

/** The cases of one family. */
export function loadGolden(folder: string, family: string): GoldenCase[] {
  return readFileSync(`${folder}/${family}.jsonl`, "utf8").split("\n")
    .filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** True when a path such as "1", "*.2" or "**" names the value at `at`. */
function pathHits(paths: readonly string[], at: readonly number[]): boolean {
  return paths.some((path) => {
    if (path === "**") return true;
    const parts = path === "" ? [] : path.split(".");
    return parts.length === at.length &&
      parts.every((part, i) => part === "*" || part === String(at[i]));
  });
}

/** A canonical text of a value, with the aggregates that `paths` name sorted. */
function canonical(reply: Reply, paths: readonly string[], pairs: boolean, at: number[]): string {
  if (reply.items === undefined) return JSON.stringify([reply.type, reply.text]);
  let items = reply.items.map((item, i) => canonical(item, paths, pairs, [...at, i]));
  if (pathHits(paths, at)) {
    if (reply.type === "%" || (pairs && items.length % 2 === 0)) {
      items = items.flatMap((item, i) => i % 2 === 0 ? [`${item} ${items[i + 1]}`] : []);
    }
    items.sort();
  }
  return `${reply.type}[${items.join(",")}]`;
}

/** Whether received bytes pass as the recorded ones. */
export function sameReply(step: GoldenStep, got: string): boolean {
  const want = step.reply ?? "";
  const how = step.cmp ?? "exact";
  if (how === "pattern") return new RegExp(`^(?:${step.pattern})$`, "s").test(got);
  if (got === want) return true;
  if (how === "exact") return false;
  const gotReplies = parseReplies(got);
  const wantReplies = parseReplies(want);
  if (gotReplies.length !== wantReplies.length) return false;
  if (how === "type") return gotReplies.every((reply, i) => reply.type === wantReplies[i].type);
  const paths = step.at ?? [""];
  const pairs = how === "unordered-pairs";
  return gotReplies.every((reply, i) =>
    canonical(reply, paths, pairs, []) === canonical(wantReplies[i], paths, pairs, [])
  );
}

/** Words in raw bytes that may name a command. */
const RAW_WORD = /[A-Za-z][A-Za-z0-9_.-]*/g;

/**
 * The commands a case needs, as "NAME" or "CONTAINER|SUB": those it sends and those it asks
 * COMMAND about. Only names of `reference` count, so that made-up names need nothing.
 */
export function commandsOf(golden: GoldenCase, reference: ReadonlySet<string>): Set<string> {
  const names = new Set<string>();
  const add = (args: readonly string[]) => {
    const [name = "", sub = ""] = args.map((arg) => arg.toUpperCase());
    for (const candidate of [name, `${name}|${sub}`]) {
      if (reference.has(candidate)) names.add(candidate);
    }
    if (name !== "COMMAND") return;
    if (/^GETKEYS/.test(sub)) add(args.slice(2));
    else if (sub === "INFO" || sub === "DOCS") { for (const asked of args.slice(2)) add([asked]); }
  };
  for (const args of [...golden.setup ?? [], ...golden.cleanup ?? []]) add(args);
  for (const step of golden.steps) {
    if (step.args) add(step.args);
    for (const [word] of (step.data?.join("") ?? "").matchAll(RAW_WORD)) add([word]);
  }
  return names;
}

/** Names of all commands of the reference server, from the list of facts beside the recordings. */
export function referenceCommands(path: string): Set<string> {
  const facts: { name: string }[] = JSON.parse(readFileSync(path, "utf8"));
  return new Set(facts.map((fact) => fact.name));
}

/** Recorded cases name client ids 1 to 3 as gone: these are used up before the control connection. */
const IDS_USED_UP = 3;

const RESET = [["FLUSHALL"], ["FUNCTION", "FLUSH"], ["SCRIPT", "FLUSH"]];

/** Plays cases over one transport. */
export class GoldenPlayer {
  #transport: Transport;
  #control: Connection | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Runs one case from a clean data set. */
  async play(golden: GoldenCase): Promise<GoldenResult> {
    await this.#onControl([...RESET, ...golden.setup ?? []]);
    const connections = new Map<number, Connection>();
    try {
      return await this.#steps(golden, connections);
    } finally {
      for (const connection of connections.values()) connection.close();
      if (golden.cleanup) await this.#onControl(golden.cleanup);
    }
  }

  close(): void {
    this.#control?.close();
    this.#transport.close();
  }

  /** Runs commands on the control connection, which is opened again when it was lost. */
  async #onControl(commands: readonly string[][]): Promise<void> {
    for (let attempt = 0;; attempt++) {
      try {
        this.#control ??= await this.#openControl();
        for (const args of commands) {
          await this.#control.write(encodeArgs(args));
          await this.#control.frame(REPLY_MS);
        }
        return;
      } catch (error) {
        const lost = error instanceof ReplyTimeout || error instanceof ConnectionClosed;
        if (!lost || attempt > 0) throw error;
        this.#control?.close();
        this.#control = undefined;
      }
    }
  }

  async #openControl(): Promise<Connection> {
    for (let i = 0; i < IDS_USED_UP; i++) (await this.#transport.open()).close();
    return await this.#transport.open();
  }

  async #open(proto: 2 | 3): Promise<Connection> {
    const connection = await this.#transport.open();
    if (proto === 3) {
      await connection.write(encodeArgs(["HELLO", "3"]));
      await connection.frame(REPLY_MS);
    }
    return connection;
  }

  async #steps(golden: GoldenCase, connections: Map<number, Connection>): Promise<GoldenResult> {
    const result: GoldenResult = { steps: 0, failed: 0, failures: [] };
    result.steps = golden.steps.filter((step) => step.reply !== undefined).length;
    const saved = new Map<string, string>();
    for (let i = 0; i < golden.steps.length; i++) {
      const step = golden.steps[i];
      const report = (why: string, got: string) => {
        const want = step.cmp === "pattern" ? `/${step.pattern}/` : step.reply ?? "";
        const sent = step.args?.join(" ") ?? step.data?.join("") ?? step.op ?? "";
        result.failures.push({
          case: golden.case,
          proto: golden.proto,
          step: i,
          why,
          sent,
          want,
          got,
        });
        result.failed++;
      };
      try {
        const outcome = await this.#step(golden, step, connections, saved);
        if (outcome) report(outcome.why, outcome.got);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const lost = error instanceof ReplyTimeout
          ? "no reply in time"
          : error instanceof ConnectionClosed
          ? "connection closed"
          : `${error.name}: ${error.message}`;
        report(`${lost}; the rest of the case is lost`, error.message);
        result.failed += golden.steps.slice(i + 1).filter((s) => s.reply !== undefined).length;
        break;
      }
    }
    result.failed = Math.min(result.failed, Math.max(result.steps, 1));
    return result;
  }

  /** Runs a step; returns what went wrong, or undefined. */
  async #step(
    golden: GoldenCase,
    step: GoldenStep,
    connections: Map<number, Connection>,
    saved: Map<string, string>,
  ): Promise<{ why: string; got: string } | undefined> {
    const op = step.op ?? "cmd";
    if (op === "sleep") {
      await this.#transport.sleep(step.ms ?? 0);
      return undefined;
    }
    const number = step.conn ?? 0;
    let connection = connections.get(number);
    if (connection === undefined) {
      connection = await this.#open(golden.proto);
      connections.set(number, connection);
    }
    if (op === "close") {
      connection.close();
      connections.delete(number);
      return undefined;
    }
    if (op === "none") {
      const got = await connection.quiet(step.ms ?? 0);
      return got === "" ? undefined : { why: "something arrived", got };
    }
    if (op === "closed") {
      const got = await connection.untilClosed(REPLY_MS);
      return got === step.reply ? undefined : { why: "other bytes before the hang-up", got };
    }
    await this.#write(step, connection, saved);
    if (op === "open" || op === "send") return undefined;
    let got = "";
    for (let n = step.frames ?? 1; n > 0; n--) {
      try {
        got += await connection.frame(REPLY_MS);
      } catch (error) {
        if (error instanceof ReplyTimeout) throw new ReplyTimeout(got + error.message);
        if (error instanceof ConnectionClosed) throw new ConnectionClosed(got + error.message);
        throw error;
      }
    }
    if (step.save !== undefined) saved.set(step.save, parseReply(got).reply.text);
    const masked = { ...step, reply: maskKnown(golden.case, step.reply ?? "") };
    if (sameReply(masked, maskKnown(golden.case, got))) return undefined;
    if (isLater(step.args?.join(" ") ?? "")) return undefined;
    return { why: "different reply", got };
  }

  async #write(
    step: GoldenStep,
    connection: Connection,
    saved: Map<string, string>,
  ): Promise<void> {
    if (step.args) {
      const args = step.vars === undefined
        ? step.args
        : step.args.map((arg) => arg.replace(/\$\{(\w+)\}/g, (_, name) => saved.get(name) ?? ""));
      await connection.write(encodeArgs(args));
    }
    for (const [i, piece] of (step.data ?? []).entries()) {
      if (i > 0) await this.#transport.sleep(PIECE_MS);
      await connection.write(piece);
    }
  }
}
