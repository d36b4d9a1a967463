import { loadedLater } from "../loaded-later.tsx";

/** Pictures of who did what: their scripts come with the first of them. */
export const TimelineSection = loadedLater(async () => (await import("./timeline-section.tsx")).Timeline);
