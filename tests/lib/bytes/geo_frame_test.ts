import assert from "node:assert/strict";
import { test } from "node:test";
import { frameHolds, frameMeets, frameShape, PARTS } from "../../../lib/bytes/geo_frame.ts";
import {
  cover,
  COVER_CELLS,
  GeoShape,
  SHAPE_BOX,
  SHAPE_CIRCLE,
  SHAPE_POLYGON,
  shapeCover,
  shapeHolds,
} from "../../../lib/bytes/geo_shape.ts";
import {
  cellOf,
  CELLS,
  interleave,
  LATITUDE_MAX,
  place,
  placeOf,
  placeScore,
  STEP_MAX,
} from "../../../lib/bytes/geohash.ts";
import { SeededRandom } from "../../kit/clock.ts";

function between(random: SeededRandom, from: number, to: number): number {
  return from + (to - from) * random.below(1_000_001) / 1_000_000;
}

/** Centres everywhere, many of them near the date line, the poles and the equator. */
function centre(random: SeededRandom): { longitude: number; latitude: number } {
  const longitude = random.pick([-180, 180, 0, 13.4, between(random, -180, 180)]);
  const latitude = random.pick([
    LATITUDE_MAX,
    -LATITUDE_MAX,
    0,
    between(random, -85, 85),
    between(random, 80, 85),
  ]);
  return { longitude, latitude };
}

function randomShape(random: SeededRandom): GeoShape {
  const shape = Object.assign(new GeoShape(), centre(random));
  const reach = 10 ** between(random, 0, 6.5);
  shape.kind = random.pick([SHAPE_CIRCLE, SHAPE_BOX, SHAPE_POLYGON]);
  shape.radius = reach;
  shape.width = reach * between(random, 0.1, 2);
  shape.height = reach * between(random, 0.1, 2);
  if (shape.kind !== SHAPE_POLYGON) return shape;
  const degrees = reach / 111_000;
  shape.vertexCount = 3 + random.below(4);
  shape.vertices = new Float64Array(shape.vertexCount * 2);
  for (let i = 0; i < shape.vertexCount; i++) {
    const longitude = shape.longitude + between(random, -degrees, degrees);
    const latitude = shape.latitude + between(random, -degrees, degrees);
    shape.vertices[i * 2] = Math.min(Math.max(longitude, -180), 180);
    shape.vertices[i * 2 + 1] = Math.min(Math.max(latitude, -LATITUDE_MAX), LATITUDE_MAX);
  }
  return shape;
}

/** Whether the part of the cover that has this cell of the finest grid meets the frame; true where none has it. */
function partMeets(x: number, y: number): boolean {
  const size = 4 ** (STEP_MAX - cover.step);
  const score = interleave(x, y);
  for (let cell = 0; cell < COVER_CELLS; cell++) {
    const min = interleave(cover.x[cell], cover.y[cell]) * size;
    if (score < min || score >= min + size) continue;
    return frameMeets(cell, Math.floor((score - min) / (size / PARTS)));
  }
  return true;
}

test("geo_frame: nothing in an area is outside of its frame", () => {
  const random = new SeededRandom(3);
  let inside = 0;
  for (let round = 0; round < 4000; round++) {
    const shape = randomShape(random);
    shapeCover(shape);
    frameShape(shape);
    const reach = shape.kind === SHAPE_BOX ? (shape.width + shape.height) / 2 : shape.radius;
    const far = 1.02 * reach / 111_000;
    const wide = Math.min(far / Math.max(Math.cos(shape.latitude * Math.PI / 180), 0.01), 180);
    for (let n = 0; n < 40; n++) {
      const turned = shape.longitude + between(random, -wide, wide);
      const longitude = turned > 180 ? turned - 360 : turned < -180 ? turned + 360 : turned;
      const latitude = shape.latitude + between(random, -far, far);
      if (Math.abs(latitude) > LATITUDE_MAX) continue;
      placeOf(placeScore(longitude, latitude));
      const { x, y } = place;
      if (!shapeHolds(shape, place.longitude, place.latitude)) continue;
      inside++;
      if (x >= CELLS || y >= CELLS) continue;
      const text = JSON.stringify({ shape, longitude, latitude });
      // Covers of few cells leave out some of a large area, and what is on the other side of the earth.
      assert.ok(frameHolds(x, y), text);
      assert.ok(partMeets(x, y), text);
    }
  }
  assert.ok(inside > 10_000, `${inside} places`);
});

test("geo_frame: an area takes a part of its cover", () => {
  const shape = Object.assign(new GeoShape(), {
    kind: SHAPE_CIRCLE,
    longitude: 13.4,
    latitude: 52.5,
    radius: 100_000,
  });
  shapeCover(shape);
  frameShape(shape);
  let met = 0;
  for (let cell = 0; cell < COVER_CELLS; cell++) {
    for (let part = 0; part < PARTS; part++) if (frameMeets(cell, part)) met++;
  }
  assert.ok(met > 0 && met < COVER_CELLS * PARTS / 2, `${met} parts`);
  const rows: [longitude: number, latitude: number, holds: boolean][] = [
    [13.4, 52.5, true],
    [13.4, 53.39, true],
    [13.4, 53.41, false],
    [13.4, 51.59, false],
    [14.87, 52.5, true],
    [14.89, 52.5, false],
    [11.91, 52.5, false],
  ];
  for (const [longitude, latitude, holds] of rows) {
    cellOf(placeScore(longitude, latitude));
    assert.equal(frameHolds(place.x, place.y), holds, `${longitude} ${latitude}`);
  }
});
