import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { parseReply } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

cases("TIME", [
  ["now", ["TIME"], /^\*2 \$10 \d{10} \$\d \d{1,6}$/],
  ["takes nothing", ["TIME x"], "-ERR wrong number of arguments for 'time' command"],
]);

test("TIME follows the clock", () => {
  const world = new World();
  const client = world.connect();
  const now = () => {
    const [seconds, micros] = parseReply(client.call("TIME")).reply.items ?? [];
    return Number(seconds.text) * 1000 + Number(micros.text) / 1000;
  };
  assert.equal(now(), world.clock.wallMs());
  world.advance(1234);
  assert.equal(now(), world.clock.wallMs());
});
