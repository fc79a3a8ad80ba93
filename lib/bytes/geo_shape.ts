// geo_shape.ts: areas to search on earth: which places lie in a circle, box or polygon, how far they are, and which cells
// of the geohash grid have to be looked at.
//
// DISTANCE is that on a sphere of 6372797.560856 m (haversine). A box is measured along its latitude and longitude, so
// its sides bend; a polygon is one on the flat map of longitude and latitude, its centre that of its vertices on the sphere.
//
// COVER    Nine cells of one step: that of the centre and its neighbours, as small as may be while all of the area lies in
//          them. Cells that lie beyond the area on one side are left out.
//
//            NW  N  NE        searched in the order  C N S E W NE NW SE SW,
//             W  C  E         which is the order of unsorted results
//            SW  S  SE
//
//          The grid is a torus to its neighbours: east of the last column is the first one. That makes searches across
//          the date line work. Near the poles, and for areas larger than a quarter of the earth, the cover may miss
//          places; Valkey misses the same ones.
//
// ARITHMETIC Results are compared and stored, so every expression is evaluated in the order of the reference. Runtimes
//          and processors differ in the last bit of sine and cosine about once in 700 times; only stored distances show it.
// COST     a distance: three to five trigonometric functions; no allocation
// SOURCE   "haversine formula"; W. R. Franklin's PNPOLY for polygons; the choice of cells as Valkey's results show it.

import {
  cellEdge,
  cellIndex,
  LATITUDE_MAX,
  LATITUDE_MIN,
  LONGITUDE_MAX,
  LONGITUDE_MIN,
  STEP_MAX,
} from "./geohash.ts";

export const SHAPE_CIRCLE = 1;
export const SHAPE_BOX = 2;
export const SHAPE_POLYGON = 3;

/** In meters. */
export const EARTH_RADIUS = 6372797.560856;
/** Half the width of the Mercator map in meters. */
const MERCATOR_MAX = 20037726.37;
const DEGREE = Math.PI / 180;
/** Sines of less than this are no difference in longitude: 6 nm. */
const SINE_MIN = 1e-15;

/** An area. Lengths are in units of `unit` meters. */
export class GeoShape {
  kind = 0;
  /** The centre. */
  longitude = 0.5;
  latitude = 0.5;
  unit = 1;
  radius = 0.5;
  width = 0.5;
  height = 0.5;
  /** Longitude and latitude of each vertex of a polygon. */
  vertices: Float64Array = new Float64Array(16);
  vertexCount = 0;
  /** Of the place that shapeHolds found inside: meters from the centre. */
  distance = 0.5;
}

/** Meters between two latitudes. */
function latitudeDistance(latitude1: number, latitude2: number): number {
  return EARTH_RADIUS * Math.abs(latitude2 * DEGREE - latitude1 * DEGREE);
}

/** Meters between two places; NaN for some that are exactly opposite. */
export function geoDistance(
  longitude1: number,
  latitude1: number,
  longitude2: number,
  latitude2: number,
): number {
  const v = Math.sin((longitude2 * DEGREE - longitude1 * DEGREE) / 2);
  if (Math.abs(v) <= SINE_MIN) return latitudeDistance(latitude1, latitude2);
  const radians1 = latitude1 * DEGREE;
  const radians2 = latitude2 * DEGREE;
  const u = Math.sin((radians2 - radians1) / 2);
  const a = u * u + Math.cos(radians1) * Math.cos(radians2) * v * v;
  return 2.0 * EARTH_RADIUS * Math.asin(Math.sqrt(a));
}

/** Whether a place lies in the area; its distance from the centre is then in `distance`. */
export function shapeHolds(shape: GeoShape, longitude: number, latitude: number): boolean {
  const { kind, unit } = shape;
  if (kind === SHAPE_BOX) {
    if (latitudeDistance(latitude, shape.latitude) > shape.height * unit / 2) return false;
    const across = geoDistance(longitude, latitude, shape.longitude, latitude);
    if (across > shape.width * unit / 2) return false;
  } else if (kind === SHAPE_POLYGON && !polygonHolds(shape, longitude, latitude)) {
    return false;
  }
  shape.distance = geoDistance(shape.longitude, shape.latitude, longitude, latitude);
  return kind !== SHAPE_CIRCLE || !(shape.distance > shape.radius * unit);
}

/** Whether a ray to the east crosses the sides an odd number of times. */
function polygonHolds(shape: GeoShape, longitude: number, latitude: number): boolean {
  const { vertices, vertexCount } = shape;
  let isInside = false;
  let beforeX = vertices[vertexCount * 2 - 2];
  let beforeY = vertices[vertexCount * 2 - 1];
  for (let i = 0; i < vertexCount; i++) {
    const x = vertices[i * 2];
    const y = vertices[i * 2 + 1];
    if (
      (y > latitude) !== (beforeY > latitude) &&
      longitude < (beforeX - x) * (latitude - y) / (beforeY - y) + x
    ) {
      isInside = !isInside;
    }
    beforeX = x;
    beforeY = y;
  }
  return isInside;
}

// ---- cells

export const COVER_CELLS = 9;

/** Cells found by shapeCover, in the order they are searched: cell i is (x[i], y[i]) of `step`, unless left out. */
export const cover = {
  step: 0,
  x: new Int32Array(COVER_CELLS),
  y: new Int32Array(COVER_CELLS),
  isLeftOut: new Uint8Array(COVER_CELLS),
};

// Places in `cover`: where each neighbour is, seen from the centre.
const EAST_OF = [0, 0, 0, 1, -1, 1, -1, 1, -1];
const NORTH_OF = [0, 1, -1, 0, 0, 1, 1, -1, -1];
const NORTH = 1;
const SOUTH = 2;
const EAST = 3;
const WEST = 4;

/**
 * Found by shapeCover: a box of longitudes and latitudes around the area, by the reference's reckoning. That of a polygon
 * is exact.
 */
export const bounds = { west: 0.5, south: 0.5, east: 0.5, north: 0.5 };

/** Finds the cells that cover an area. The centre of a polygon is set. */
export function shapeCover(shape: GeoShape): void {
  if (shape.kind === SHAPE_POLYGON) boundPolygon(shape);
  else boundCentred(shape);
  let step = stepFor(reach(shape), shape.latitude);
  placeCells(shape, step);
  if (step > 1 && isCut(step)) {
    step--;
    placeCells(shape, step);
  }
  cover.isLeftOut.fill(0);
  if (step >= 2) leaveOut(step);
}

function boundPolygon(shape: GeoShape): void {
  const { vertices, vertexCount } = shape;
  let west = LONGITUDE_MAX;
  let east = LONGITUDE_MIN;
  let south = LATITUDE_MAX;
  let north = LATITUDE_MIN;
  let x = 0;
  let y = 0;
  let z = 0;
  for (let i = 0; i < vertexCount; i++) {
    const longitude = vertices[i * 2];
    const latitude = vertices[i * 2 + 1];
    if (longitude < west) west = longitude;
    if (longitude > east) east = longitude;
    if (latitude < south) south = latitude;
    if (latitude > north) north = latitude;
    x += Math.cos(latitude * DEGREE) * Math.cos(longitude * DEGREE);
    y += Math.cos(latitude * DEGREE) * Math.sin(longitude * DEGREE);
    z += Math.sin(latitude * DEGREE);
  }
  bounds.west = west;
  bounds.south = south;
  bounds.east = east;
  bounds.north = north;
  shape.longitude = Math.atan2(y, x) / DEGREE;
  shape.latitude = Math.atan2(z, Math.sqrt(x * x + y * y)) / DEGREE;
}

function boundCentred(shape: GeoShape): void {
  const { longitude, latitude, unit } = shape;
  const isCircle = shape.kind === SHAPE_CIRCLE;
  const height = isCircle ? unit * shape.radius : unit * shape.height / 2;
  const width = isCircle ? unit * shape.radius : unit * shape.width / 2;
  const up = height / EARTH_RADIUS / DEGREE;
  // Meridians are nearest to each other on the side of the pole.
  const narrow = latitude < 0 ? latitude - up : latitude + up;
  const aside = width / EARTH_RADIUS / Math.cos(narrow * DEGREE) / DEGREE;
  bounds.west = longitude - aside;
  bounds.east = longitude + aside;
  bounds.south = latitude - up;
  bounds.north = latitude + up;
}

/** Meters from the centre to the farthest place of the area. */
function reach(shape: GeoShape): number {
  const { longitude, latitude, kind, unit, width, height } = shape;
  if (kind === SHAPE_CIRCLE) return shape.radius * unit;
  if (kind === SHAPE_BOX) {
    return Math.sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2)) * unit;
  }
  const northWest = geoDistance(longitude, latitude, bounds.west, bounds.north);
  const northEast = geoDistance(longitude, latitude, bounds.east, bounds.north);
  const southWest = geoDistance(longitude, latitude, bounds.west, bounds.south);
  const southEast = geoDistance(longitude, latitude, bounds.east, bounds.south);
  return Math.max(northWest, northEast, southWest, southEast) * unit;
}

/** The step whose cells are large enough for an area that reaches so far. */
function stepFor(meters: number, latitude: number): number {
  if (meters === 0) return STEP_MAX;
  let step = -1;
  for (let size = meters; size < MERCATOR_MAX; size *= 2) step++;
  if (latitude > 66 || latitude < -66) step--;
  if (latitude > 80 || latitude < -80) step--;
  return Math.min(Math.max(step, 1), STEP_MAX);
}

/** Sets `cover` to the cell of the centre and its neighbours. */
function placeCells(shape: GeoShape, step: number): void {
  const mask = 2 ** step - 1;
  // The centre of a polygon around a pole may lie beyond the grid.
  const latitude = Math.min(Math.max(shape.latitude, LATITUDE_MIN), LATITUDE_MAX);
  const x = cellIndex(shape.longitude, LONGITUDE_MIN, LONGITUDE_MAX, step);
  const y = cellIndex(latitude, LATITUDE_MIN, LATITUDE_MAX, step);
  cover.step = step;
  for (let i = 0; i < COVER_CELLS; i++) {
    cover.x[i] = EAST_OF[i] === 0 ? x : (x + EAST_OF[i]) & mask;
    cover.y[i] = NORTH_OF[i] === 0 ? y : (y + NORTH_OF[i]) & mask;
  }
}

function longitudeEdge(x: number, step: number): number {
  return cellEdge(x, LONGITUDE_MIN, LONGITUDE_MAX, step);
}

function latitudeEdge(y: number, step: number): number {
  return cellEdge(y, LATITUDE_MIN, LATITUDE_MAX, step);
}

/** Whether the area reaches beyond the neighbours. */
function isCut(step: number): boolean {
  return latitudeEdge(cover.y[NORTH] + 1, step) < bounds.north ||
    latitudeEdge(cover.y[SOUTH], step) > bounds.south ||
    longitudeEdge(cover.x[EAST] + 1, step) < bounds.east ||
    longitudeEdge(cover.x[WEST], step) > bounds.west;
}

/** Leaves out the neighbours on the sides where the area ends within the cell of the centre. */
function leaveOut(step: number): void {
  const isSouth = latitudeEdge(cover.y[0], step) < bounds.south;
  const isNorth = latitudeEdge(cover.y[0] + 1, step) > bounds.north;
  const isWest = longitudeEdge(cover.x[0], step) < bounds.west;
  const isEast = longitudeEdge(cover.x[0] + 1, step) > bounds.east;
  for (let i = 1; i < COVER_CELLS; i++) {
    const isOut = (isSouth && NORTH_OF[i] < 0) || (isNorth && NORTH_OF[i] > 0) ||
      (isWest && EAST_OF[i] < 0) || (isEast && EAST_OF[i] > 0);
    cover.isLeftOut[i] = isOut ? 1 : 0;
  }
}
