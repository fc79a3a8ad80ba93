import { test } from "node:test";
import assert from "node:assert/strict";
import { Rate, SampleTimer } from "../../../lib/session/rates.ts";

test("a steady rate is reached after sixteen samples and forgotten as fast", () => {
  const rate = new Rate();
  for (let i = 1; i <= 8; i++) rate.sample(i * 50, 100);
  assert.equal(rate.perSecond, 250);
  for (let i = 9; i <= 16; i++) rate.sample(i * 50, 100);
  assert.equal(rate.perSecond, 500);
  for (let i = 0; i < 16; i++) rate.sample(800, 100);
  assert.equal(rate.perSecond, 0);
});

test("a counter that was reset does not count backwards", () => {
  const rate = new Rate();
  rate.sample(1000, 100);
  rate.sample(10, 100);
  assert.equal(rate.perSecond, 10000 / 16);
});

test("samples are due every 100 ms and after the clock went back", () => {
  const timer = new SampleTimer(1000);
  assert.equal(timer.due(1050), 0);
  assert.equal(timer.due(1100), 100);
  assert.equal(timer.due(1150), 0);
  assert.equal(timer.due(1350), 250);
  assert.equal(timer.due(500), 1);
});
