import { cases } from "../../../kit/cases.ts";

const SICILY = "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania";
const EDGES = "GEOADD g 12.758489 38.788135 edge1 17.241510 38.788135 edge2";
const SYNTAX = "-ERR syntax error";
const UNIT = "-ERR unsupported unit provided. please use M, KM, FT, MI";
const PAIRS = "-ERR invalid longitude,latitude pair 200.000000,0.000000";
const CENTRE = "GEOSEARCH g FROMLONLAT 15 37";

/** Every table in both encodings. */
const OPTIONS = {
  variants: {
    listpack: ["CONFIG SET zset-max-listpack-entries 128"],
    skiplist: ["CONFIG SET zset-max-listpack-entries 0"],
  },
};

cases("GEOSEARCH", [
  [
    "a circle around a place",
    [SICILY, `${CENTRE} BYRADIUS 200 km ASC`],
    "*2 $7 Catania $7 Palermo",
  ],
  [
    "a circle around a member",
    [SICILY, "GEOSEARCH g FROMMEMBER Palermo BYRADIUS 100 km"],
    "*1 $7 Palermo",
  ],
  ["area first", [SICILY, "GEOSEARCH g BYRADIUS 100 km FROMMEMBER Palermo"], "*1 $7 Palermo"],
  [
    "a box",
    [SICILY, EDGES, `${CENTRE} BYBOX 400 400 km ASC`],
    "*4 $7 Catania $7 Palermo $5 edge2 $5 edge1",
  ],
  ["a narrow box", [SICILY, EDGES, `${CENTRE} BYBOX 380 400 km ASC`], "*2 $7 Catania $7 Palermo"],
  [
    "a polygon",
    [SICILY, EDGES, "GEOSEARCH g BYPOLYGON 3 12 36 18 36 14 40 ASC"],
    "*2 $7 Catania $7 Palermo",
  ],
  ["farthest first", [SICILY, `${CENTRE} BYRADIUS 200 km DESC`], "*2 $7 Palermo $7 Catania"],
  [
    "not ordered: cell by cell",
    [SICILY, EDGES, `${CENTRE} BYRADIUS 300 km`],
    "*4 $7 Palermo $5 edge1 $7 Catania $5 edge2",
  ],
  [
    "across the date line",
    [
      "GEOADD g 179.9 10 west -179.9 10 east 178 10 far",
      "GEOSEARCH g FROMLONLAT -179.95 10 BYRADIUS 50 km ASC",
      "GEOSEARCH g FROMLONLAT 179.99 10 BYBOX 60 20 km ASC",
    ],
    "*2 $4 west $4 east",
  ],
  [
    "close to a pole, where all longitudes are near",
    [
      "GEOADD g 0 84.9 here 90 84.9 aside 180 85 behind 0 70 far",
      "GEOSEARCH g FROMLONLAT 0 85 BYRADIUS 800 km ASC",
    ],
    "*2 $4 here $5 aside",
  ],
  ["the nearest", [SICILY, EDGES, `${CENTRE} BYRADIUS 300 km COUNT 2`], "*2 $7 Catania $7 Palermo"],
  ["the farthest", [SICILY, EDGES, `${CENTRE} BYRADIUS 300 km COUNT 1 DESC`], "*1 $5 edge1"],
  ["any", [SICILY, EDGES, `${CENTRE} BYRADIUS 300 km COUNT 1 ANY`], "*1 $7 Palermo"],
  [
    "any, ordered",
    [SICILY, EDGES, `${CENTRE} BYRADIUS 300 km COUNT 3 ANY ASC`],
    "*3 $7 Catania $7 Palermo $5 edge1",
  ],
  [
    "more than there are",
    [SICILY, `${CENTRE} BYRADIUS 200 km COUNT 10`],
    "*2 $7 Catania $7 Palermo",
  ],
  ["with everything", [SICILY, `${CENTRE} BYRADIUS 100 km WITHCOORD WITHDIST WITHHASH`], {
    resp2:
      "*1 *4 $7 Catania $7 56.4413 :3479447370796909 *2 $20 15.08726745843887329 $20 37.50266842333162032",
    resp3:
      "*1 *4 $7 Catania $7 56.4413 :3479447370796909 *2 ,15.08726745843887329 ,37.50266842333162032",
  }],
  [
    "with distances in feet",
    [SICILY, `${CENTRE} BYRADIUS 300000 ft WITHDIST`],
    "*1 *2 $7 Catania $11 185174.7305",
  ],
  [
    "with distances of a polygon",
    [SICILY, "GEOSEARCH g BYPOLYGON 3 15 37 16 37 15 38 WITHDIST"],
    "*1 *2 $7 Catania $10 28793.0279",
  ],
  ["nothing there", [SICILY, "GEOSEARCH g FROMLONLAT 0 0 BYRADIUS 1 m"], "*0"],
  ["radius zero", [SICILY, "GEOSEARCH g FROMMEMBER Palermo BYRADIUS 0 m"], "*1 $7 Palermo"],
  ["across the date line", [
    "GEOADD g 179.5 0 a -179.5 0 b",
    "GEOSEARCH g FROMMEMBER a BYRADIUS 200 km ASC",
  ], "*2 $1 a $1 b"],
  ["near a pole", [
    "GEOADD g 0 85 a 90 85 b 180 85 c",
    "GEOSEARCH g FROMMEMBER a BYRADIUS 1000 km ASC",
  ], "*2 $1 a $1 b"],
  ["all but what is nearest to the other pole", [
    "GEOADD g 0 0 a 90 85 b 180 -85 c",
    "GEOSEARCH g FROMMEMBER a BYRADIUS 30000 km ASC",
  ], "*2 $1 a $1 b"],
  ["an infinite radius", [SICILY, `${CENTRE} BYRADIUS inf km ASC`], "*2 $7 Catania $7 Palermo"],
  ["no key", [`${CENTRE} BYRADIUS 1 km`], "*0"],
  ["no key, a member", ["GEOSEARCH g FROMMEMBER x BYRADIUS 1 km"], "*0"],
  [
    "options twice",
    [SICILY, `${CENTRE} FROMLONLAT 13 38 BYRADIUS 1 m BYRADIUS 50 km DESC ASC`],
    "*1 $7 Palermo",
  ],
  [
    "numbers as names",
    ["GEOADD g 1 1 17 1 1 -3", "GEOSEARCH g FROMMEMBER 17 BYRADIUS 1 m ASC"],
    "*2 $2 -3 $2 17",
  ],
], OPTIONS);

cases("GEOSEARCH errors", [
  ["another type", ["SET g x", `${CENTRE} BYRADIUS 1 km`], /^-WRONGTYPE/],
  [
    "no centre",
    [SICILY, "GEOSEARCH g BYRADIUS 1 km ASC ASC"],
    "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH",
  ],
  [
    "no area",
    [SICILY, `geosearch g FROMLONLAT 15 37 ASC ASC`],
    "-ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for geosearch",
  ],
  ["two centres", [SICILY, `${CENTRE} FROMMEMBER Palermo BYRADIUS 1 km`], SYNTAX],
  ["two areas", [SICILY, `${CENTRE} BYRADIUS 1 km BYBOX 1 1 km`], SYNTAX],
  ["a polygon and a centre", [SICILY, `${CENTRE} BYPOLYGON 3 1 1 2 2 3 1`], SYNTAX],
  [
    "a polygon, then a centre",
    [SICILY, "GEOSEARCH g BYPOLYGON 3 1 1 2 2 3 1 FROMMEMBER Palermo"],
    SYNTAX,
  ],
  [
    "an absent member",
    [SICILY, "GEOSEARCH g FROMMEMBER x BYRADIUS 1 km"],
    "-ERR member x does not exist",
  ],
  ["a place off the map", [SICILY, "GEOSEARCH g FROMLONLAT 200 0 BYRADIUS 1 km"], PAIRS],
  [
    "no number",
    [SICILY, "GEOSEARCH g FROMLONLAT x 0 BYRADIUS 1 km"],
    "-ERR value is not a valid float",
  ],
  ["no radius", [SICILY, `${CENTRE} BYRADIUS x km`], "-ERR need numeric radius"],
  ["a negative radius", [SICILY, `${CENTRE} BYRADIUS -1 km`], "-ERR radius cannot be negative"],
  ["no unit", [SICILY, `${CENTRE} BYRADIUS 1 parsec`], UNIT],
  ["no width", [SICILY, `${CENTRE} BYBOX x 1 km`], "-ERR need numeric width"],
  ["no height", [SICILY, `${CENTRE} BYBOX 1 x km`], "-ERR need numeric height"],
  [
    "a negative width",
    [SICILY, `${CENTRE} BYBOX -1 1 km`],
    "-ERR height or width cannot be negative",
  ],
  ["no unit of a box", [SICILY, `${CENTRE} BYBOX 1 1 parsec`], UNIT],
  ["no vertices", [SICILY, "GEOSEARCH g BYPOLYGON x 1 1 2 2 3"], "-ERR invalid number of vertices"],
  [
    "too few vertices",
    [SICILY, "GEOSEARCH g BYPOLYGON 2 1 1 2 2"],
    "-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices",
  ],
  [
    "fewer vertices than said",
    [SICILY, "GEOSEARCH g BYPOLYGON 4 1 1 2 2 3 3 4"],
    "-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices",
  ],
  ["a vertex off the map", [SICILY, "GEOSEARCH g BYPOLYGON 3 1 1 2 2 200 0"], PAIRS],
  ["count zero", [SICILY, `${CENTRE} BYRADIUS 1 km COUNT 0`], "-ERR COUNT must be > 0"],
  [
    "no count",
    [SICILY, `${CENTRE} BYRADIUS 1 km COUNT x`],
    "-ERR value is not an integer or out of range",
  ],
  ["count last", [SICILY, `${CENTRE} BYRADIUS 1 km COUNT`], SYNTAX],
  [
    "any without count",
    [SICILY, `${CENTRE} BYRADIUS 1 km ANY`],
    "-ERR the ANY argument requires COUNT argument",
  ],
  ["nonsense", [SICILY, `${CENTRE} BYRADIUS 1 km NONSENSE`], SYNTAX],
  ["no store here", [SICILY, `${CENTRE} BYRADIUS 1 km STORE d`], SYNTAX],
  ["no store of distances here", [SICILY, `${CENTRE} BYRADIUS 1 km STOREDIST`], SYNTAX],
  [
    "the first error counts",
    [SICILY, `${CENTRE} BYRADIUS x km NONSENSE`],
    "-ERR need numeric radius",
  ],
]);

const STORE = "GEOSEARCHSTORE d g FROMLONLAT 15 37";

cases("GEOSEARCHSTORE", [
  ["stores", [SICILY, `${STORE} BYRADIUS 200 km`], ":2"],
  [
    "scores are places",
    [SICILY, `${STORE} BYRADIUS 100 km`, "ZSCORE d Catania"],
    "$16 3479447370796909",
  ],
  [
    "scores are distances",
    [SICILY, `${STORE} BYRADIUS 200 km STOREDIST`, "ZRANGE d 0 -1"],
    "*2 $7 Catania $7 Palermo",
  ],
  ["distances in the unit", [SICILY, `${STORE} BYRADIUS 200 km STOREDIST`, "ZSCORE d Catania"], {
    resp2: /^\$\d+ 56\.44125787/,
    resp3: /^,56\.44125787/,
  }],
  ["the nearest", [SICILY, `${STORE} BYRADIUS 200 km COUNT 1`, "ZRANGE d 0 -1"], "*1 $7 Catania"],
  ["replaces", [SICILY, "SET d x EX 100", `${STORE} BYRADIUS 200 km`, "TTL d"], ":-1"],
  ["nothing deletes", [SICILY, "SET d x", `${STORE} BYRADIUS 1 m`, "EXISTS d"], ":0"],
  ["nothing", [SICILY, `${STORE} BYRADIUS 1 m`], ":0"],
  ["no key deletes", ["SET d x", `${STORE} BYRADIUS 1 m`, "EXISTS d"], ":0"],
  ["onto itself", [SICILY, "GEOSEARCHSTORE g g FROMLONLAT 15 37 BYRADIUS 100 km", "ZCARD g"], ":1"],
  [
    "the encoding",
    [SICILY, `${STORE} BYRADIUS 200 km`, "OBJECT ENCODING d"],
    /^\$8 (listpack|skiplist)$/,
  ],
  [
    "with distances",
    [SICILY, `${STORE} BYRADIUS 200 km WITHDIST`],
    "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
  ],
  ["the source has another type", ["SET g x", `${STORE} BYRADIUS 200 km`], /^-WRONGTYPE/],
  [
    "no centre",
    [SICILY, "GEOSEARCHSTORE d g BYRADIUS 1 km ASC ASC"],
    "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCHSTORE",
  ],
], OPTIONS);

cases("GEORADIUS", [
  ["around a place", [SICILY, "GEORADIUS g 15 37 200 km ASC"], "*2 $7 Catania $7 Palermo"],
  [
    "with everything",
    [SICILY, "GEORADIUS g 15 37 100 km WITHHASH WITHDIST"],
    "*1 *3 $7 Catania $7 56.4413 :3479447370796909",
  ],
  ["the nearest", [SICILY, "GEORADIUS g 15 37 200 km COUNT 1"], "*1 $7 Catania"],
  ["stores", [SICILY, "GEORADIUS g 15 37 200 km STORE d", "ZCARD d"], ":2"],
  ["answers how many it stored", [SICILY, "GEORADIUS g 15 37 200 km STORE d"], ":2"],
  [
    "the last store counts",
    [SICILY, "GEORADIUS g 15 37 200 km STORE d STOREDIST e", "EXISTS d e"],
    ":1",
  ],
  [
    "stores distances",
    [SICILY, "GEORADIUS g 15 37 200 km STOREDIST d", "ZRANGE d 0 0"],
    "*1 $7 Catania",
  ],
  [
    "stores with distances",
    [SICILY, "GEORADIUS g 15 37 200 km STORE d WITHDIST"],
    "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
  ],
  ["store last", [SICILY, "GEORADIUS g 15 37 200 km STORE"], SYNTAX],
  ["no key", ["GEORADIUS g 15 37 200 km"], "*0"],
  ["no key, stored", ["SET d x", "GEORADIUS g 15 37 200 km STORE d", "EXISTS d"], ":0"],
  ["no key, no radius", ["GEORADIUS g 15 37 x km"], "-ERR need numeric radius"],
  ["place before radius", [SICILY, "GEORADIUS g 200 0 x km"], PAIRS],
  ["options of GEOSEARCH", [SICILY, "GEORADIUS g 15 37 200 km FROMMEMBER Palermo"], SYNTAX],
  ["read-only", [SICILY, "GEORADIUS_RO g 15 37 100 km"], "*1 $7 Catania"],
  ["read-only, stored", [SICILY, "GEORADIUS_RO g 15 37 100 km STORE d"], SYNTAX],
  ["keys", ["COMMAND GETKEYS GEORADIUS g 1 1 1 km STORE d"], "*2 $1 g $1 d"],
  ["keys of two stores", ["COMMAND GETKEYS GEORADIUS g 1 1 1 km STORE d STOREDIST e"], /^\*\d /],
]);

cases("GEORADIUSBYMEMBER", [
  [
    "around a member",
    [SICILY, "GEORADIUSBYMEMBER g Palermo 200 km ASC"],
    "*2 $7 Palermo $7 Catania",
  ],
  [
    "with distances",
    [SICILY, "GEORADIUSBYMEMBER g Palermo 200 km DESC COUNT 1 WITHDIST"],
    "*1 *2 $7 Catania $8 166.2742",
  ],
  ["stores", [SICILY, "GEORADIUSBYMEMBER g Palermo 200 km STORE d"], ":2"],
  ["an absent member", [SICILY, "GEORADIUSBYMEMBER g x 200 km"], "-ERR member x does not exist"],
  [
    "an absent member before the radius",
    [SICILY, "GEORADIUSBYMEMBER g x y km"],
    "-ERR member x does not exist",
  ],
  ["no key: the radius is not read", ["GEORADIUSBYMEMBER g x y z"], "*0"],
  ["no key: options are", ["GEORADIUSBYMEMBER g x y z NONSENSE"], SYNTAX],
  ["no key, stored", ["SET d x", "GEORADIUSBYMEMBER g x y z STORE d"], ":0"],
  ["read-only", [SICILY, "GEORADIUSBYMEMBER_RO g Palermo 100 km"], "*1 $7 Palermo"],
  ["read-only, stored", [SICILY, "GEORADIUSBYMEMBER_RO g Palermo 100 km STORE d"], SYNTAX],
]);

cases("searches that store: events", [
  [
    "GEOSEARCHSTORE",
    [
      SICILY,
      "CONFIG SET notify-keyspace-events KEgz",
      "@2 SUBSCRIBE __keyspace@0__:d",
      `${STORE} BYRADIUS 200 km`,
      `${STORE} BYRADIUS 1 m`,
      `${STORE} BYRADIUS 1 m`,
      "@2 <",
    ],
    /^[*>]3 \$7 message \$16 __keyspace@0__:d \$14 geosearchstore [*>]3 \$7 message \$16 __keyspace@0__:d \$3 del$/,
  ],
  ["GEORADIUS", [
    SICILY,
    "CONFIG SET notify-keyspace-events KEgz",
    "@2 SUBSCRIBE __keyspace@0__:d",
    "GEORADIUS g 15 37 200 km STORE d",
    "@2 <",
  ], /^[*>]3 \$7 message \$16 __keyspace@0__:d \$14 georadiusstore$/],
]);
