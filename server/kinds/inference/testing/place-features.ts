/** Where queries lie, in the order of places, as a window of a job has it. */
import { cellCentres } from "../../../../shared/coding/nearest-cells.ts";
import type { PlaceFeatures, QueryFeatures } from "../engine/neighbourhood.ts";
import { inShared, sharedFloats } from "../engine/shared-floats.ts";

export function featuresByPlace({ values, width }: QueryFeatures, order: Uint32Array): PlaceFeatures {
  const byPlace = sharedFloats(order.length * width);
  order.forEach((query, place) => {
    byPlace.set(values.subarray(query * width, (query + 1) * width), place * width);
  });
  return { values: byPlace, width, centres: inShared(cellCentres(byPlace, width)) };
}
