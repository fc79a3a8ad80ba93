// geo_frame.ts: a frame around an area: which cells of the finest grid may hold a place that lies in the area.
//
// WHY: the cells that cover an area (geo_shape.ts) are up to ten times as large as it is, and to decide whether a place
// lies in it takes trigonometric functions. Whether a cell lies in a frame of cells takes two comparisons of integers, and
// of the cells of the cover the parts beyond the frame need not be read at all.
//
//   cover, nine cells                 each of them in PARTS parts, in the order of scores
//   +-----+-----+-----+               +--+--+--+--+
//   |     |  +--|--+  |               | 5| 7|13|15|      bits of the part's number: x y x y
//   +-----+--|--+--|--+               +--+--+--+--+
//   |     |  |  |##|##|  frame        | 4| 6|12|14|
//   +-----+--|--+--|--+               +--+--+--+--+
//   |     |  +--|--+  |               | 1| 3| 9|11|
//   +-----+-----+-----+               +--+--+--+--+
//                                     | 0| 2| 8|10|
//                                     +--+--+--+--+
//
// The frame is never too small: it is that of the exact area on the sphere and one cell, 60 cm, more on each side, far
// more than rounding errors can be. Areas so large that places opposite on the earth might be met have no frame.
// It closes around the earth: x is counted from its western edge, modulo the grid.

import {
  bounds,
  cover,
  EARTH_RADIUS,
  type GeoShape,
  SHAPE_BOX,
  SHAPE_POLYGON,
} from "./geo_shape.ts";
import {
  CELLS,
  LATITUDE_MAX,
  LATITUDE_MIN,
  LONGITUDE_MAX,
  LONGITUDE_MIN,
  STEP_MAX,
} from "./geohash.ts";

/** Covers of larger cells have no frame. */
const STEP_MIN = 4;
const MASK = CELLS - 1;
const DEGREE = Math.PI / 180;
/** Steps from a cell to its parts. */
const PART_STEPS = 2;
export const PARTS = 16;

/** Cells of the finest grid: x to x + across modulo the grid, south to north. */
const frame = { x: 0, across: MASK, south: 0, north: CELLS };

/** Sets the frame of the area whose cover was found last. */
export function frameShape(shape: GeoShape): void {
  frame.x = 0;
  frame.across = MASK;
  frame.south = 0;
  frame.north = CELLS;
  if (cover.step < STEP_MIN) return;
  if (shape.kind === SHAPE_POLYGON) {
    setLongitudes(bounds.west, bounds.east);
    setLatitudes(bounds.south, bounds.north);
  } else {
    frameCentred(shape);
  }
}

function setLatitudes(from: number, to: number): void {
  const cells = CELLS / (LATITUDE_MAX - LATITUDE_MIN);
  frame.south = Math.max(Math.floor((from - LATITUDE_MIN) * cells) - 1, 0);
  frame.north = Math.min(Math.floor((to - LATITUDE_MIN) * cells) + 1, CELLS);
}

function setLongitudes(from: number, to: number): void {
  const cells = CELLS / (LONGITUDE_MAX - LONGITUDE_MIN);
  const west = Math.floor((from - LONGITUDE_MIN) * cells) - 1;
  const east = Math.floor((to - LONGITUDE_MIN) * cells) + 1;
  if (east - west >= MASK) return;
  frame.x = west & MASK;
  frame.across = east - west;
}

function frameCentred(shape: GeoShape): void {
  const { longitude, latitude, unit } = shape;
  const isBox = shape.kind === SHAPE_BOX;
  // Angles at the centre of the earth.
  const up = (isBox ? shape.height / 2 : shape.radius) * unit / EARTH_RADIUS;
  const outermost = Math.abs(latitude) * DEGREE + up;
  setLatitudes(latitude - up / DEGREE, latitude + up / DEGREE);
  // Around a pole every longitude is near.
  if (outermost >= Math.PI / 2) return;
  if (isBox) {
    // A box is as wide as this on each of its latitudes.
    const chord = Math.sin(shape.width * unit / 2 / EARTH_RADIUS / 2) / Math.cos(outermost);
    if (chord < 1) setAside(longitude, 2 * Math.asin(chord) / DEGREE);
  } else {
    // The meridian that touches a circle.
    setAside(longitude, Math.asin(Math.sin(up) / Math.cos(latitude * DEGREE)) / DEGREE);
  }
}

function setAside(longitude: number, degrees: number): void {
  setLongitudes(longitude - degrees, longitude + degrees);
}

/** Whether cell (x, y) of the finest grid lies in the frame. */
export function frameHolds(x: number, y: number): boolean {
  return ((x - frame.x) & MASK) <= frame.across && y >= frame.south && y <= frame.north;
}

/** Whether part number `part` of a cell of the cover reaches into the frame. */
export function frameMeets(cell: number, part: number): boolean {
  const step = cover.step + PART_STEPS;
  if (step > STEP_MAX || cover.x[cell] >= CELLS || cover.y[cell] >= CELLS) return true;
  const shift = STEP_MAX - step;
  const x = ((cover.x[cell] << 2) | ((part >> 2) & 2) | ((part >> 1) & 1)) << shift;
  const y = ((cover.y[cell] << 2) | ((part >> 1) & 2) | (part & 1)) << shift;
  const last = (1 << shift) - 1;
  const isBeside = ((x - frame.x) & MASK) > frame.across && ((frame.x - x) & MASK) > last;
  return !isBeside && y <= frame.north && y + last >= frame.south;
}
