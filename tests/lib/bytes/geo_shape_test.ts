import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cover,
  COVER_CELLS,
  geoDistance,
  GeoShape,
  SHAPE_BOX,
  SHAPE_CIRCLE,
  SHAPE_POLYGON,
  shapeCover,
  shapeHolds,
} from "../../../lib/bytes/geo_shape.ts";
import {
  cellIndex,
  LATITUDE_MAX,
  LATITUDE_MIN,
  LONGITUDE_MAX,
  LONGITUDE_MIN,
} from "../../../lib/bytes/geohash.ts";
import { SeededRandom } from "../../kit/clock.ts";

function circle(longitude: number, latitude: number, radius: number): GeoShape {
  return Object.assign(new GeoShape(), { kind: SHAPE_CIRCLE, longitude, latitude, radius });
}

function box(longitude: number, latitude: number, width: number, height: number): GeoShape {
  return Object.assign(new GeoShape(), { kind: SHAPE_BOX, longitude, latitude, width, height });
}

function polygon(...vertices: number[]): GeoShape {
  const shape = new GeoShape();
  shape.kind = SHAPE_POLYGON;
  shape.vertices = Float64Array.from(vertices);
  shape.vertexCount = vertices.length / 2;
  return shape;
}

test("geo_shape: distances", () => {
  const rows: [places: [number, number, number, number], meters: number][] = [
    [[0, 0, 0, 0], 0],
    [[13.361389, 38.115556, 15.087269, 37.502669], 166274.15],
    [[0, 0, 0, 1], 111226.3],
    [[0, 0, 1, 0], 111226.3],
    [[0, 60, 1, 60], 55612.62],
    [[179.5, 0, -179.5, 0], 111226.3],
    [[0, 0, 180, 0], Math.PI * 6372797.560856],
    [[10, 20, 10, -20], 40 * 111226.3],
  ];
  for (const [[a, b, c, d], meters] of rows) {
    const got = geoDistance(a, b, c, d);
    assert.ok(Math.abs(got - meters) <= 0.1 + meters * 1e-6, `${a} ${b} ${c} ${d}: ${got}`);
    assert.equal(geoDistance(c, d, a, b), got);
  }
});

test("geo_shape: what lies inside", () => {
  const bent = polygon(0, 0, 4, 0, 4, 4, 2, 1, 0, 4);
  const rows: [shape: GeoShape, place: [number, number], isInside: boolean][] = [
    [circle(0, 0, 112000), [0, 1], true],
    [circle(0, 0, 111000), [0, 1], false],
    [circle(0, 0, 0), [0, 0], true],
    [box(0, 0, 240000, 240000), [1, 1], true],
    [box(0, 0, 220000, 240000), [1, 1], false],
    [box(0, 0, 240000, 220000), [1, 1], false],
    [box(0, 60, 120000, 10), [1, 60], true],
    [bent, [1, 1], true],
    [bent, [3.5, 2], true],
    [bent, [2, 2], false],
    [bent, [5, 1], false],
    [bent, [-1, 1], false],
  ];
  for (const [shape, [longitude, latitude], isInside] of rows) {
    assert.equal(shapeHolds(shape, longitude, latitude), isInside, `${longitude} ${latitude}`);
    if (!isInside) continue;
    const meters = geoDistance(shape.longitude, shape.latitude, longitude, latitude);
    assert.equal(shape.distance, meters);
  }
});

test("geo_shape: the centre of a polygon", () => {
  const shape = polygon(170, -10, -170, -10, -170, 10, 170, 10);
  shapeCover(shape);
  assert.equal(Math.abs(shape.longitude), 180);
  assert.ok(Math.abs(shape.latitude) < 1e-12);
});

/** Whether the cells of `cover` hold a place. */
function isCovered(longitude: number, latitude: number): boolean {
  const x = cellIndex(longitude, LONGITUDE_MIN, LONGITUDE_MAX, cover.step);
  const y = cellIndex(latitude, LATITUDE_MIN, LATITUDE_MAX, cover.step);
  for (let i = 0; i < COVER_CELLS; i++) {
    if (cover.isLeftOut[i] === 0 && cover.x[i] === x && cover.y[i] === y) return true;
  }
  return false;
}

test("geo_shape: the cells cover the area", () => {
  const seed = 31;
  const random = new SeededRandom(seed);
  const between = (min: number, max: number) =>
    min + (random.next32() >>> 0) / 4294967296 * (max - min);
  for (let round = 0; round < 300; round++) {
    const longitude = between(-170, 170);
    const latitude = between(-60, 60);
    const meters = 10 ** between(0, 6);
    const shape = round % 2 === 0
      ? circle(longitude, latitude, meters)
      : box(longitude, latitude, meters * between(0.2, 1), meters);
    shapeCover(shape);
    assert.equal(cover.isLeftOut[0], 0);
    const reach = meters / 60000;
    for (let i = 0; i < 50; i++) {
      const x = longitude + between(-reach, reach);
      const y = latitude + between(-reach, reach);
      if (Math.abs(x) >= 180 || Math.abs(y) >= 85 || !shapeHolds(shape, x, y)) continue;
      assert.ok(isCovered(x, y), `seed ${seed}, round ${round}: ${x} ${y}`);
    }
  }
});

test("geo_shape: small areas have small cells, large ones large cells", () => {
  const rows: [meters: number, latitude: number, step: number][] = [
    [0, 0, 26],
    [0.1, 0, 26],
    [1000, 0, 14],
    [1000, 70, 13],
    [1000, 82, 12],
    [30000000, 0, 1],
    [Infinity, 0, 1],
  ];
  for (const [meters, latitude, step] of rows) {
    shapeCover(circle(5, latitude, meters));
    assert.equal(cover.step, step, `${meters} m at ${latitude}`);
  }
});
