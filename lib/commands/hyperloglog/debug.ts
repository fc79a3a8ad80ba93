// debug.ts: looking into HyperLogLogs and checking them: PFDEBUG, PFSELFTEST.

import { line } from "../../codec/reply_writer.ts";
import { uintFormat } from "../../bytes/int64.ts";
import {
  HLL_DENSE,
  HLL_DENSE_BYTES,
  HLL_EMPTY_BYTES,
  HLL_RAISED,
  HLL_REGISTERS,
  HLL_RUNS_AT,
  HLL_SPARSE,
  hllCountOf,
  hllDenseGet,
  hllDenseRaise,
  hllDenseStore,
  hllEncoding,
  hllInit,
  hllRegister,
  hllRun,
  hllRunAt,
  hllSparseLength,
  hllSparseRaise,
  hllToDense,
} from "../../engine/hyperloglog.ts";
import { hllEstimate } from "../../engine/hyperloglog_estimate.ts";
import { stringView, view } from "../../engine/string.ts";
import { argIs, argText, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupWrite } from "../lookup.ts";
import { ADMIN, type CommandSpec, DENYOOM, oneKey, WRITE } from "../spec.ts";
import { ERR_CORRUPT, openHll, requireHll } from "./pf.ts";

const ERR_NO_SUCH_KEY = line("-ERR The specified key does not exist");
const ERR_NOT_SPARSE = line("-ERR HLL encoding is not sparse");
const ERR_ON_OFF = line("-ERR Argument must be ON or OFF");

const GETREG = word("getreg");
const DECODE = word("decode");
const ENCODING = word("encoding");
const TODENSE = word("todense");
const SIMD = word("simd");
const ON = word("on");
const OFF = word("off");

function pfdebug(ctx: Ctx): void {
  if (argIs(ctx, 1, SIMD)) return simd(ctx);
  const found = lookupWrite(ctx, 2);
  if (found === 0) return ctx.out.error(ERR_NO_SUCH_KEY);
  if (!requireHll(ctx, found)) return;
  const rec = openHll(ctx, found);
  if (argIs(ctx, 1, GETREG)) {
    replyRegisters(ctx, rec);
  } else if (argIs(ctx, 1, DECODE)) {
    replyRuns(ctx);
  } else if (argIs(ctx, 1, ENCODING)) {
    ctx.out.simple(hllEncoding(view.buf, view.off) === HLL_DENSE ? "dense" : "sparse");
  } else if (argIs(ctx, 1, TODENSE)) {
    const isSparse = hllEncoding(view.buf, view.off) === HLL_SPARSE;
    if (makeDense(ctx, rec)) ctx.out.integer(isSparse ? 1 : 0);
  } else {
    const name = argText(ctx, 1).split("\0")[0];
    ctx.out.errorText(`ERR Unknown PFDEBUG subcommand '${name}'`);
  }
}

/** There are no vector instructions to choose, so the answer is that of a server built without them. */
function simd(ctx: Ctx): void {
  if (!argIs(ctx, 2, ON) && !argIs(ctx, 2, OFF)) return ctx.out.error(ERR_ON_OFF);
  ctx.out.simple("disabled");
}

/** Makes a value dense, which counts as a change when it was not; false after an error was replied. */
function makeDense(ctx: Ctx, rec: number): boolean {
  stringView(ctx.keyspace, rec);
  const isSparse = hllEncoding(view.buf, view.off) === HLL_SPARSE;
  if (!hllToDense(ctx.keyspace, rec)) {
    ctx.out.error(ERR_CORRUPT);
    return false;
  }
  if (isSparse) ctx.dirty++;
  return true;
}

function replyRegisters(ctx: Ctx, rec: number): void {
  if (!makeDense(ctx, rec)) return;
  stringView(ctx.keyspace, rec);
  ctx.out.array(HLL_REGISTERS);
  for (let i = 0; i < HLL_REGISTERS; i++) ctx.out.integer(hllDenseGet(view.buf, view.off, i));
}

/** Replies with the runs of the sparse value in `view`: "z:19 Z:1000 v:3,2", lengths last. */
function replyRuns(ctx: Ctx): void {
  const { buf, off, len } = view;
  if (hllEncoding(buf, off) !== HLL_SPARSE) return ctx.out.error(ERR_NOT_SPARSE);
  const words: string[] = [];
  for (let at = HLL_RUNS_AT; at < len;) {
    at = hllRunAt(buf, off, len, at);
    if (hllRun.count !== 0) words.push(`v:${hllRun.count},${hllRun.length}`);
    else words.push(`${hllRun.isLong ? "Z" : "z"}:${hllRun.length}`);
  }
  ctx.out.bulkText(words.join(" "));
}

const TEST_ROUNDS = 100;
const TEST_ELEMENTS = 1000000;
/** Standard errors that an estimate may be off. */
const TEST_DEVIATIONS = 6;
const STANDARD_ERROR = 1.04 / Math.sqrt(HLL_REGISTERS);

function pfselftest(ctx: Ctx): void {
  const failure = testRegisters(ctx) ?? testEstimates(ctx);
  if (failure === undefined) ctx.out.ok();
  else ctx.out.errorText(`ERR TESTFAILED ${failure}`);
}

/** Whether registers keep what is stored and leave their neighbours alone; the failure, if any. */
function testRegisters(ctx: Ctx): string | undefined {
  const dense = new Uint8Array(HLL_DENSE_BYTES);
  const wanted = new Uint8Array(HLL_REGISTERS);
  for (let round = 0; round < TEST_ROUNDS; round++) {
    for (let i = 0; i < HLL_REGISTERS; i++) wanted[i] = ctx.keyspace.next32() & 63;
    if ((round & 1) === 0) {
      hllDenseStore(dense, 0, wanted);
    } else {
      dense.fill(0);
      for (let i = 0; i < HLL_REGISTERS; i++) hllDenseRaise(dense, 0, i, wanted[i]);
    }
    for (let i = 0; i < HLL_REGISTERS; i++) {
      const got = hllDenseGet(dense, 0, i);
      if (got !== wanted[i]) return `Register ${i} should be ${wanted[i]} but is ${got}`;
    }
  }
  return undefined;
}

/** Whether both encodings estimate the same, and near to the truth; the failure, if any. */
function testEstimates(ctx: Ctx): string | undefined {
  const maxLen = Math.min(ctx.keyspace.limits.hllSparseMaxBytes, HLL_DENSE_BYTES);
  const dense = new Uint8Array(HLL_DENSE_BYTES);
  const sparse = new Uint8Array(Math.max(maxLen, HLL_EMPTY_BYTES) + 8);
  let sparseLen = HLL_EMPTY_BYTES;
  let isSparse = true;
  hllInit(sparse, 0);
  const element = new Uint8Array(20);
  const prefix = uintFormat(ctx.keyspace.next32() >>> 0, element, 0);
  let checkAt = 1;
  for (let n = 1; n <= TEST_ELEMENTS; n++) {
    const len = prefix + uintFormat(n, element, prefix);
    const count = hllCountOf(element, 0, len);
    const index = hllRegister();
    hllDenseRaise(dense, 0, index, count);
    if (isSparse) {
      const result = hllSparseRaise(sparse, 0, sparseLen, index, count, maxLen);
      if (result === HLL_RAISED) sparseLen = hllSparseLength();
      else isSparse = result === 0;
    }
    if (n !== checkAt) continue;
    const failure = compareEstimates(dense, isSparse ? sparse.subarray(0, sparseLen) : dense, n);
    if (failure !== undefined) return failure;
    checkAt *= 10;
  }
  return undefined;
}

const estimate = new Int32Array(2);

function compareEstimates(dense: Uint8Array, other: Uint8Array, n: number): string | undefined {
  hllEstimate(dense, 0, dense.length, estimate);
  const first = estimate[0];
  if (!hllEstimate(other, 0, other.length, estimate)) return "sparse value corrupted";
  if (estimate[0] !== first) return "dense/sparse disagree";
  // Ten elements that share two registers are no fault.
  const allowed = n === 10 ? 2 : Math.ceil(STANDARD_ERROR * TEST_DEVIATIONS * n);
  const error = Math.abs(first - n);
  return error > allowed ? `Too big error. card:${n} abserr:${error}` : undefined;
}

export const HLL_DEBUG_COMMANDS: readonly CommandSpec[] = [
  {
    name: "PFDEBUG",
    group: "hyperloglog",
    since: "2.8.9",
    arity: 3,
    flags: WRITE | DENYOOM | ADMIN,
    acl: ["@hyperloglog"],
    keys: [oneKey(2, "RW access")],
    args: [
      { name: "subcommand", type: "string" },
      { name: "key", type: "key", keySpec: 0 },
    ],
    summary: "Shows the registers (GETREG), runs (DECODE) or encoding (ENCODING) of a " +
      "HyperLogLog, or makes it dense (TODENSE).",
    complexity: "O(N) with N the registers, which are 16384",
    docFlags: ["syscmd"],
    reply: ["array", "bulk", "simple", "integer"],
    examples: [
      ["PFADD visitors ann", ":1"],
      ["PFDEBUG ENCODING visitors", "+sparse"],
      ["PFDEBUG TODENSE visitors", ":1"],
    ],
    run: pfdebug,
  },
  {
    name: "PFSELFTEST",
    group: "hyperloglog",
    since: "2.8.9",
    arity: 1,
    flags: ADMIN,
    acl: ["@hyperloglog"],
    summary: "Checks registers and estimates of HyperLogLogs on random elements; takes a while.",
    complexity: "O(1), but a part of a second",
    docFlags: ["syscmd"],
    reply: ["simple"],
    examples: [["PFSELFTEST", "+OK"]],
    run: pfselftest,
  },
];
