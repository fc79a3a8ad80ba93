// debug_protocol.ts: DEBUG PROTOCOL: one reply of each type, for the tests of clients.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { argText } from "../args.ts";
import type { Ctx } from "../context.ts";

const ERR_TYPE = line(
  "-ERR Wrong protocol type name. Please use one of the following: " +
    "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
);
const ERR_RESP2 = line("-ERR RESP2 is not supported by this command");

const BIG_NUMBER = "1234567999999999999999999999999999999";
const VERBATIM = fromLatin1("This is a verbatim\nstring");

function threeIntegers(ctx: Ctx): void {
  for (let i = 0; i < 3; i++) ctx.out.integer(i);
}

function sampleMap(ctx: Ctx): void {
  ctx.out.map(3);
  for (let i = 0; i < 3; i++) {
    ctx.out.integer(i);
    ctx.out.boolean(i === 1);
  }
}

/** An attribute belongs to the reply that follows it, so one follows. */
function sampleAttribute(ctx: Ctx): void {
  const { out } = ctx;
  if (out.proto === 3) {
    out.attribute(1);
    out.bulkText("key-popularity");
    out.array(2);
    out.bulkText("key:123");
    out.integer(90);
  }
  out.bulkText("Some real reply following the attribute");
}

/** A push answers no request, so a reply follows. */
function samplePush(ctx: Ctx): void {
  const { out } = ctx;
  if (out.proto !== 3) return out.error(ERR_RESP2);
  out.push(2);
  out.bulkText("server-cpu-usage");
  out.integer(42);
  out.bulkText("Some real reply following the push reply");
}

const SAMPLES = new Map<string, (ctx: Ctx) => void>([
  ["string", (ctx) => ctx.out.bulkText("Hello World")],
  ["integer", (ctx) => ctx.out.integer(12345)],
  ["double", (ctx) => ctx.out.double(3.141)],
  ["bignum", (ctx) => ctx.out.bigNumber(BIG_NUMBER)],
  ["null", (ctx) => ctx.out.nullBulk()],
  ["array", (ctx) => {
    ctx.out.array(3);
    threeIntegers(ctx);
  }],
  ["set", (ctx) => {
    ctx.out.set(3);
    threeIntegers(ctx);
  }],
  ["map", sampleMap],
  ["attrib", sampleAttribute],
  ["push", samplePush],
  ["verbatim", (ctx) => ctx.out.verbatim("txt", VERBATIM)],
  ["true", (ctx) => ctx.out.boolean(true)],
  ["false", (ctx) => ctx.out.boolean(false)],
]);

/** DEBUG PROTOCOL type. */
export function debugProtocol(ctx: Ctx): void {
  const sample = SAMPLES.get(argText(ctx, 2).toLowerCase());
  if (sample === undefined) ctx.out.error(ERR_TYPE);
  else sample(ctx);
}
