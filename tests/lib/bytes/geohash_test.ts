import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../lib/bytes/ascii.ts";
import {
  GEOHASH_TEXT_BYTES,
  geohashText,
  interleave,
  LATITUDE_MAX,
  LATITUDE_MIN,
  place,
  placeOf,
  placeScore,
} from "../../../lib/bytes/geohash.ts";
import { SeededRandom } from "../../kit/clock.ts";

/** Bits of x and y, one after the other. */
function interleaved(x: number, y: number): bigint {
  let bits = 0n;
  for (let i = 31n; i >= 0n; i--) {
    bits = (bits << 2n) | (((BigInt(x) >> i) & 1n) << 1n) | ((BigInt(y) >> i) & 1n);
  }
  return bits;
}

test("geohash: the example of the header", () => {
  assert.equal(placeScore(13.361389, 38.115556), 3479099956230698);
  placeOf(3479099956230698);
  assert.equal(place.longitude, 13.361389338970184);
  assert.equal(place.latitude, 38.1155563954963);
  const text = new Uint8Array(GEOHASH_TEXT_BYTES + 1);
  geohashText(place.longitude, place.latitude, text, 1);
  assert.equal(latin1(text, 1, GEOHASH_TEXT_BYTES), "sqc8b49rny0");
});

test("geohash: interleaving", () => {
  const seed = 5;
  const random = new SeededRandom(seed);
  const most = 2 ** 26;
  for (let i = 0; i < 500; i++) {
    const x = i < 20 ? most : (random.next32() >>> 6) >>> (i & 15);
    const y = i < 10 ? most : random.next32() >>> 6;
    const expected = interleaved(x, y);
    assert.equal(interleave(x, y), Number(expected), `seed ${seed}: ${x} ${y}`);
    assert.equal(interleave(x, y, 1), Number(expected + 1n), `seed ${seed}: ${x} ${y} + 1`);
  }
});

test("geohash: a place and back", () => {
  const seed = 9;
  const random = new SeededRandom(seed);
  for (let i = 0; i < 2000; i++) {
    const longitude = (random.next32() >>> 0) / 4294967296 * 360 - 180;
    const latitude = (random.next32() >>> 0) / 4294967296 * 170 - 85;
    const score = placeScore(longitude, latitude);
    placeOf(score);
    assert.ok(Math.abs(place.longitude - longitude) <= 360 / 2 ** 27, `seed ${seed}`);
    assert.ok(Math.abs(place.latitude - latitude) <= 171 / 2 ** 27, `seed ${seed}`);
    assert.equal(placeScore(place.longitude, place.latitude), score, `seed ${seed}`);
  }
});

test("geohash: the edges of the map", () => {
  const rows: [longitude: number, latitude: number, score: number][] = [
    [-180, LATITUDE_MIN, 0],
    [180, LATITUDE_MIN, 2 ** 53],
    [-180, LATITUDE_MAX, 2 ** 52],
    [180, LATITUDE_MAX, 2 ** 53 + 2 ** 52],
    [0, 0, 2 ** 51 + 2 ** 50],
  ];
  for (const [longitude, latitude, score] of rows) {
    assert.equal(placeScore(longitude, latitude), score);
    placeOf(score);
    assert.ok(Math.abs(place.longitude - longitude) < 1e-5, `${longitude} ${latitude}`);
    assert.ok(Math.abs(place.latitude - latitude) < 1e-5, `${longitude} ${latitude}`);
  }
});

test("geohash: scores that are no places stay on the map", () => {
  const scores = [Infinity, -Infinity, -1, 2 ** 63, -(2 ** 63), 2 ** 64, 1e300, -1e300, 2 ** 62];
  for (const score of scores) {
    placeOf(score);
    assert.ok(Math.abs(place.longitude) <= 180, `${score}`);
    assert.ok(Math.abs(place.latitude) <= LATITUDE_MAX, `${score}`);
  }
  placeOf(1.75);
  const found = { ...place };
  placeOf(1);
  assert.deepEqual({ ...place }, found);
});
