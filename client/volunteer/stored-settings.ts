/** The volunteer's settings as this browser keeps them: a version, then values; what is not as it should be is the default. */
import { jsonOrNull } from "../../shared/protocol/json-or-null.ts";
import {
  CHOSEN_PROJECTS_MAX,
  NAME_LENGTH_MAX,
  NICKNAME_LENGTH_MAX,
  REFUSED_JOBS_MAX,
  TAB_INTENSITY_MIN,
  TAB_THREADS_MAX,
  TEAM_NAME_LENGTH_MAX,
} from "../../shared/protocol/limits.ts";
import { DATA_CAP_MB_MAX, DEFAULT_SETTINGS, type VolunteerSettings, WATTS_MAX } from "../session/volunteer-settings.ts";
import { z } from "./zod.ts";

const STORED_AS = "paritab-settings";
/** Raised when a stored value changes its meaning. */
const VERSION = 2;
/** Its threads were 1 unless somebody chose more. */
const VERSION_OF_ONE_THREAD = 1;

/** The part of localStorage that is used. */
export type SettingsMemory = Pick<Storage, "getItem" | "setItem">;

const { schedule: scheduleDefault, ...defaults } = DEFAULT_SETTINGS;
const wholeHour = (least: number, most: number) => z.int().check(z.minimum(least), z.maximum(most));
const dayHours = z.nullable(z.object({ from: wholeHour(0, 23), to: wholeHour(1, 24) }));

const settingsSchema = z.object({
  nickname: z.catch(z.string().check(z.trim(), z.maxLength(NICKNAME_LENGTH_MAX)), defaults.nickname),
  team: z.catch(z.string().check(z.trim(), z.maxLength(TEAM_NAME_LENGTH_MAX)), defaults.team),
  intensity: z.catch(z.number().check(z.minimum(TAB_INTENSITY_MIN), z.maximum(1)), defaults.intensity),
  threads: z.catch(z.nullable(z.int().check(z.minimum(1), z.maximum(TAB_THREADS_MAX))), defaults.threads),
  onlyOnMains: z.catch(z.boolean(), defaults.onlyOnMains),
  easesUnderPressure: z.catch(z.boolean(), defaults.easesUnderPressure),
  onlyWhenIdle: z.catch(z.boolean(), defaults.onlyWhenIdle),
  respectsSaveData: z.catch(z.boolean(), defaults.respectsSaveData),
  notOnCellular: z.catch(z.boolean(), defaults.notOnCellular),
  goesOn: z.catch(z.boolean(), defaults.goesOn),
  keepsScreenOn: z.catch(z.boolean(), defaults.keepsScreenOn),
  dataCapMbPerDay: z.catch(
    z.nullable(z.int().check(z.minimum(1), z.maximum(DATA_CAP_MB_MAX))),
    defaults.dataCapMbPerDay,
  ),
  schedule: z.catch(
    z.object({ isOn: z.boolean(), days: z.array(dayHours).check(z.length(7)) }),
    () => scheduleDefault as { isOn: boolean; days: { from: number; to: number }[] },
  ),
  projects: z.catch(
    z.nullable(z.array(z.string().check(z.maxLength(NAME_LENGTH_MAX))).check(z.maxLength(CHOSEN_PROJECTS_MAX))),
    defaults.projects as string[] | null,
  ),
  refusedJobs: z.catch(
    z
      .array(z.object({ jobId: z.string().check(z.maxLength(64)), name: z.string() }))
      .check(z.maxLength(REFUSED_JOBS_MAX)),
    () => [],
  ),
  wattsPerThread: z.catch(z.number().check(z.positive(), z.maximum(WATTS_MAX)), defaults.wattsPerThread),
});
const storedSchema = z.object({ version: z.literal([VERSION, VERSION_OF_ONE_THREAD]), settings: settingsSchema });

/** Of another version, or not readable: the defaults. Of a value alone that is not as it should be: that value's default. */
export function readSettings(memory: SettingsMemory): VolunteerSettings {
  const stored = storedSchema.safeParse(jsonOrNull(memory.getItem(STORED_AS) ?? ""));
  if (!stored.success) return DEFAULT_SETTINGS;
  const { version, settings } = stored.data;
  return version === VERSION_OF_ONE_THREAD && settings.threads === 1 ? { ...settings, threads: null } : settings;
}

/** @returns what was kept: the settings with every value that is not allowed set to its default */
export function keepSettings(memory: SettingsMemory, settings: VolunteerSettings): VolunteerSettings {
  const kept = settingsSchema.parse(settings);
  try {
    memory.setItem(STORED_AS, JSON.stringify({ version: VERSION, settings: kept }));
  } catch {
    // A full or forbidden store: they hold for this visit.
  }
  return kept;
}
