/**
 * What the coordinator did with the drawn crowds before the ledger: medians of seeds 1 to 5, virtual time, commit 7fdecdb1. They stay as they are: the
 * ledger's goals are told against them. `npm run bench -- row-speeds --coordinator` measures what it does today.
 */
import type { CoordinatorFigures } from "./coordinator-figures.ts";

export const BEFORE: CoordinatorFigures = {
  speeds: {
    "fastest over slowest 1": {
      uncoded: {
        first: {
          seconds: 14.2,
          share: 0.8802,
          rowsAQuery: 1.0,
        },
        second: {
          seconds: 13.09,
          share: 0.9549,
          rowsAQuery: 1.0,
        },
      },
      backups: {
        first: {
          seconds: 15.1,
          share: 0.8278,
          rowsAQuery: 1.149,
        },
        second: {
          seconds: 13.08,
          share: 0.9558,
          rowsAQuery: 1.002,
        },
      },
      parities: {
        first: {
          seconds: 17.47,
          share: 0.7154,
          rowsAQuery: 1.351,
        },
        second: {
          seconds: 16.94,
          share: 0.7381,
          rowsAQuery: 1.257,
        },
      },
    },
    "fastest over slowest 10": {
      uncoded: {
        first: {
          seconds: 36.67,
          share: 0.849,
          rowsAQuery: 1.0,
        },
        second: {
          seconds: 32.41,
          share: 0.9606,
          rowsAQuery: 1.003,
        },
      },
      backups: {
        first: {
          seconds: 36.54,
          share: 0.852,
          rowsAQuery: 1.109,
        },
        second: {
          seconds: 32.5,
          share: 0.9578,
          rowsAQuery: 1.021,
        },
      },
      parities: {
        first: {
          seconds: 44.64,
          share: 0.6973,
          rowsAQuery: 1.364,
        },
        second: {
          seconds: 42.03,
          share: 0.7406,
          rowsAQuery: 1.314,
        },
      },
    },
    "fastest over slowest 100": {
      uncoded: {
        first: {
          seconds: 61.5,
          share: 0.8661,
          rowsAQuery: 1.003,
        },
        second: {
          seconds: 55.43,
          share: 0.9608,
          rowsAQuery: 1.004,
        },
      },
      backups: {
        first: {
          seconds: 66.71,
          share: 0.7984,
          rowsAQuery: 1.097,
        },
        second: {
          seconds: 58.62,
          share: 0.9086,
          rowsAQuery: 1.07,
        },
      },
      parities: {
        first: {
          seconds: 82.03,
          share: 0.6493,
          rowsAQuery: 1.337,
        },
        second: {
          seconds: 74.22,
          share: 0.7176,
          rowsAQuery: 1.345,
        },
      },
    },
  },
  long: {
    "no fault": {
      uncoded: {
        first: {
          seconds: 78.79,
          share: 0.919,
          rowsAQuery: 1.0,
        },
        second: {
          seconds: 70.42,
          share: 0.976,
          rowsAQuery: 1.0,
        },
      },
      backups: {
        first: {
          seconds: 87.76,
          share: 0.8268,
          rowsAQuery: 1.177,
        },
        second: {
          seconds: 71.09,
          share: 0.9706,
          rowsAQuery: 1.012,
        },
      },
      parities: {
        first: {
          seconds: 99.69,
          share: 0.6951,
          rowsAQuery: 1.383,
        },
        second: {
          seconds: 89.82,
          share: 0.7717,
          rowsAQuery: 1.258,
        },
      },
    },
    "1 claim in 10 eight times slow": {
      uncoded: {
        first: {
          seconds: 142.3,
          share: 0.8276,
          rowsAQuery: 1.051,
        },
        second: {
          seconds: 127.9,
          share: 0.9207,
          rowsAQuery: 1.022,
        },
      },
      backups: {
        first: {
          seconds: 125.5,
          share: 0.9105,
          rowsAQuery: 1.27,
        },
        second: {
          seconds: 127.9,
          share: 0.9208,
          rowsAQuery: 1.113,
        },
      },
      parities: {
        first: {
          seconds: 133.7,
          share: 0.838,
          rowsAQuery: 1.421,
        },
        second: {
          seconds: 136.5,
          share: 0.8393,
          rowsAQuery: 1.317,
        },
      },
    },
    "1 claim in 5 eight times slow": {
      uncoded: {
        first: {
          seconds: 199.5,
          share: 0.8334,
          rowsAQuery: 1.111,
        },
        second: {
          seconds: 186.4,
          share: 0.9258,
          rowsAQuery: 1.025,
        },
      },
      backups: {
        first: {
          seconds: 171.0,
          share: 1.014,
          rowsAQuery: 1.316,
        },
        second: {
          seconds: 168.8,
          share: 0.9607,
          rowsAQuery: 1.198,
        },
      },
      parities: {
        first: {
          seconds: 219.5,
          share: 0.8221,
          rowsAQuery: 1.438,
        },
        second: {
          seconds: 194.9,
          share: 0.8501,
          rowsAQuery: 1.343,
        },
      },
    },
    "1 claim in 3 eight times slow": {
      uncoded: {
        first: {
          seconds: 336.8,
          share: 0.723,
          rowsAQuery: 1.111,
        },
        second: {
          seconds: 261.4,
          share: 0.8797,
          rowsAQuery: 1.029,
        },
      },
      backups: {
        first: {
          seconds: 255.8,
          share: 0.9025,
          rowsAQuery: 1.31,
        },
        second: {
          seconds: 265.7,
          share: 0.888,
          rowsAQuery: 1.163,
        },
      },
      parities: {
        first: {
          seconds: 277.1,
          share: 0.868,
          rowsAQuery: 1.405,
        },
        second: {
          seconds: 317.1,
          share: 0.7633,
          rowsAQuery: 1.396,
        },
      },
    },
    "25 % mute": {
      uncoded: {
        first: {
          seconds: 145.5,
          share: 0.6232,
          rowsAQuery: 1.0,
        },
        second: {
          seconds: 112.9,
          share: 0.8047,
          rowsAQuery: 1.0,
        },
      },
      backups: {
        first: {
          seconds: 110.7,
          share: 0.8165,
          rowsAQuery: 1.152,
        },
        second: {
          seconds: 102.6,
          share: 0.906,
          rowsAQuery: 1.024,
        },
      },
      parities: {
        first: {
          seconds: 124.6,
          share: 0.7502,
          rowsAQuery: 1.256,
        },
        second: {
          seconds: 119.9,
          share: 0.7658,
          rowsAQuery: 1.163,
        },
      },
    },
  },
  short: {
    "no fault": {
      uncoded: 2.538,
      backups: 2.69,
      parities: 2.581,
    },
    "1 claim in 10 eight times slow": {
      uncoded: 5.098,
      backups: 3.526,
      parities: 4.374,
    },
    "1 claim in 5 eight times slow": {
      uncoded: 8.751,
      backups: 4.544,
      parities: 7.37,
    },
    "1 claim in 3 eight times slow": {
      uncoded: 17.72,
      backups: 9.457,
      parities: 11.73,
    },
    "2 tabs always eight times slow": {
      uncoded: 2.929,
      backups: 2.781,
      parities: 2.706,
    },
    "2 tabs mute": {
      uncoded: 2.917,
      backups: 2.753,
      parities: 2.724,
    },
  },
  streams: {
    "no fault": {
      capacities: [1.452, 1.461, 1.482, 1.574, 1.451],
      waits: [
        {
          p50: 59.54,
          p99: 90.91,
          p999: 101.7,
          rowsAQuery: 1.009,
        },
        {
          p50: 89.98,
          p99: 139.0,
          p999: 150.9,
          rowsAQuery: 1.039,
        },
        {
          p50: 145.9,
          p99: 206.8,
          p999: 233.8,
          rowsAQuery: 1.017,
        },
      ],
    },
    "1 claim in 20 eight times slow": {
      capacities: [0.936, 0.9658, 0.9837, 1.148, 1.042],
      waits: [
        {
          p50: 60.32,
          p99: 312.7,
          p999: 434.7,
          rowsAQuery: 1.01,
        },
        {
          p50: 93.59,
          p99: 538.5,
          p999: 683.5,
          rowsAQuery: 1.058,
        },
        {
          p50: 173.3,
          p99: 795.8,
          p999: 932.2,
          rowsAQuery: 1.054,
        },
      ],
    },
  },
};
