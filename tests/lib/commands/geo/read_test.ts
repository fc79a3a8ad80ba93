import { cases } from "../../../kit/cases.ts";

const SICILY = "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania";
const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";

cases("GEOPOS", [
  ["of a member", [SICILY, "GEOPOS g Palermo"], {
    resp2: "*1 *2 $20 13.36138933897018433 $20 38.11555639549629859",
    resp3: "*1 *2 ,13.36138933897018433 ,38.11555639549629859",
  }],
  ["of absent members", [SICILY, "GEOPOS g x y"], "*2 *-1 *-1"],
  ["of an absent key", ["GEOPOS g x"], "*1 *-1"],
  ["of nothing", [SICILY, "GEOPOS g"], "*0"],
  ["of an absent key, nothing", ["GEOPOS g"], "*0"],
  ["another type", ["SET g x", "GEOPOS g a"], WRONG_TYPE],
  ["the corners", ["GEOADD g 180 85.05112878 a -180 -85.05112878 b", "GEOPOS g a b"], {
    resp2:
      "*2 *2 $3 180 $19 85.0511287799999991 *2 $22 -179.99999731779098511 $21 -85.05112751263942528",
    resp3: "*2 *2 ,180 ,85.0511287799999991 *2 ,-179.99999731779098511 ,-85.05112751263942528",
  }],
  [
    "scores that are no places",
    ["ZADD g inf a -inf b -1 c 1.5 d", "GEOPOS g a b c d"],
    /^\*4 \*2 /,
  ],
]);

cases("GEODIST", [
  ["in meters", [SICILY, "GEODIST g Palermo Catania"], "$11 166274.1516"],
  ["m", [SICILY, "GEODIST g Palermo Catania m"], "$11 166274.1516"],
  ["km", [SICILY, "GEODIST g Palermo Catania km"], "$8 166.2742"],
  ["miles", [SICILY, "GEODIST g Palermo Catania MI"], "$8 103.3182"],
  ["feet", [SICILY, "GEODIST g Palermo Catania Ft"], "$11 545518.8700"],
  ["from a member to itself", [SICILY, "GEODIST g Palermo Palermo"], "$6 0.0000"],
  ["along a meridian", ["GEOADD g 0 0 a 0 1 b", "GEODIST g a b"], "$11 111226.0989"],
  ["across the date line", ["GEOADD g 179.5 0 a -179.5 0 b", "GEODIST g a b km"], "$8 111.2260"],
  ["no first member", [SICILY, "GEODIST g x Catania"], "$-1"],
  ["no second member", [SICILY, "GEODIST g Palermo x"], "$-1"],
  ["no key", ["GEODIST g a b"], "$-1"],
  [
    "an unknown unit",
    [SICILY, "GEODIST g Palermo Catania mm"],
    "-ERR unsupported unit provided. please use M, KM, FT, MI",
  ],
  [
    "an unknown unit, no key",
    ["GEODIST g a b mm"],
    "-ERR unsupported unit provided. please use M, KM, FT, MI",
  ],
  ["a word too many", [SICILY, "GEODIST g Palermo Catania mm x"], "-ERR syntax error"],
  ["another type", ["SET g x", "GEODIST g a b"], WRONG_TYPE],
]);

cases("GEOHASH", [
  ["of members", [SICILY, "GEOHASH g Palermo Catania x"], "*3 $11 sqc8b49rny0 $11 sqdtr74hyu0 $-1"],
  ["of an absent key", ["GEOHASH g x"], "*1 $-1"],
  ["of nothing", [SICILY, "GEOHASH g"], "*0"],
  [
    "the corners",
    ["GEOADD g 180 85.05112878 a -180 -85.05112878 b 0 0 c", "GEOHASH g a b c"],
    "*3 $11 bp05b5048p0 $11 00bh0hbj200 $11 s0000000000",
  ],
  ["another type", ["SET g x", "GEOHASH g a"], WRONG_TYPE],
]);
