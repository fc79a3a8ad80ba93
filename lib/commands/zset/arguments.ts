// arguments.ts: what several declarations of this family have in common.

import type { ArgSpec } from "../spec.ts";

export const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };
export const MEMBER: ArgSpec = { name: "member", type: "string" };
export const MIN: ArgSpec = { name: "min", type: "string" };
export const MAX: ArgSpec = { name: "max", type: "string" };
export const START: ArgSpec = { name: "start", type: "integer" };
export const STOP: ArgSpec = { name: "stop", type: "integer" };
export const NUMKEYS: ArgSpec = { name: "numkeys", type: "integer" };
/** Keys behind a number, of the first key specification. */
export const KEYS: ArgSpec = { name: "key", type: "key", keySpec: 0, multiple: true };

export const WITHSCORES: ArgSpec = {
  name: "withscores",
  type: "pure-token",
  token: "WITHSCORES",
  optional: true,
};

export const LIMIT: ArgSpec = {
  name: "limit",
  type: "block",
  token: "LIMIT",
  optional: true,
  args: [{ name: "offset", type: "integer" }, { name: "count", type: "integer" }],
};

export const WHERE: ArgSpec = {
  name: "where",
  type: "oneof",
  args: [
    { name: "min", type: "pure-token", token: "MIN" },
    { name: "max", type: "pure-token", token: "MAX" },
  ],
};

export const WEIGHTS: ArgSpec = {
  name: "weight",
  type: "integer",
  token: "WEIGHTS",
  optional: true,
  multiple: true,
};

export const AGGREGATE: ArgSpec = {
  name: "aggregate",
  type: "oneof",
  token: "AGGREGATE",
  optional: true,
  args: [
    { name: "sum", type: "pure-token", token: "SUM" },
    { name: "min", type: "pure-token", token: "MIN" },
    { name: "max", type: "pure-token", token: "MAX" },
  ],
};
