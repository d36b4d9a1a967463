/** The volunteer's rules. Each says whether this browser can tell enough for it. */
import { useState } from "preact/hooks";
import { NICKNAME_LENGTH_MAX, TAB_THREADS_MAX, TEAM_NAME_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import { DATA_CAP_MB_MAX, WATTS_MAX } from "../session/volunteer-settings.ts";
import { Field, TextField } from "../ui/field.tsx";
import { ChoiceField } from "./choice.tsx";
import { NumberField } from "./number-field.tsx";
import { ScheduleEditor } from "./schedule-editor.tsx";
import { volunteerTexts } from "./texts/texts.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";
import { askToWatchUse, type BrowserTells } from "./watch-page-device.ts";

const DATA_CAP_MB_FIRST = 500;

export function RulesPanel({ tab, tells }: { tab: VolunteerTab; tells: BrowserTells }) {
  const texts = volunteerTexts().rules;
  const settings = tab.settings.value;
  const { power } = tab.device.value;
  return (
    <section class="panel rules" aria-labelledby="rules-title">
      <h2 id="rules-title">{texts.title}</h2>
      <p class="hint">{texts.note}</p>
      <ChoiceField
        label={texts.mains}
        rule="battery"
        hint={tells.power ? texts.mainsNow[power] : texts.doesNotTell}
        checked={settings.onlyOnMains}
        onChange={(onlyOnMains) => tab.change({ onlyOnMains })}
      />
      <ChoiceField
        label={texts.pressure}
        rule="pressure"
        hint={tells.pressure ? texts.pressureHint : texts.doesNotTell}
        checked={settings.easesUnderPressure}
        onChange={(easesUnderPressure) => tab.change({ easesUnderPressure })}
      />
      <IdleChoice tab={tab} tells={tells} />
      <ChoiceField
        label={texts.schedule}
        rule="schedule"
        checked={settings.schedule.isOn}
        onChange={(isOn) => tab.change({ schedule: { ...settings.schedule, isOn } })}
      >
        <ScheduleEditor
          days={settings.schedule.days}
          onChange={(days) => tab.change({ schedule: { isOn: true, days } })}
        />
      </ChoiceField>
      <ChoiceField
        label={texts.dataCap}
        rule="data-cap"
        checked={settings.dataCapMbPerDay !== null}
        onChange={(isOn) => tab.change({ dataCapMbPerDay: isOn ? DATA_CAP_MB_FIRST : null })}
      >
        <div class="rule-detail">
          <NumberField
            label={texts.dataCapUnit}
            value={settings.dataCapMbPerDay ?? DATA_CAP_MB_FIRST}
            min={1}
            max={DATA_CAP_MB_MAX}
            step={1}
            onChange={(dataCapMbPerDay) => tab.change({ dataCapMbPerDay })}
          />
        </div>
      </ChoiceField>
      <ChoiceField
        label={texts.saveData}
        rule="save-data"
        hint={tells.saveData ? texts.saveDataHint : texts.doesNotTell}
        checked={settings.respectsSaveData}
        onChange={(respectsSaveData) => tab.change({ respectsSaveData })}
      />
      <ChoiceField
        label={texts.cellular}
        rule="cellular"
        hint={tells.network ? texts.cellularHint : texts.doesNotTell}
        checked={settings.notOnCellular}
        onChange={(notOnCellular) => tab.change({ notOnCellular })}
      />
      <ChoiceField
        label={texts.goesOn}
        hint={texts.goesOnHint}
        checked={settings.goesOn}
        onChange={(goesOn) => tab.change({ goesOn })}
      />
      <ChoiceField
        label={texts.screen}
        hint={settings.keepsScreenOn ? texts.screenNow[tab.screen.value] : texts.screenHint}
        checked={settings.keepsScreenOn}
        onChange={(keepsScreenOn) => tab.change({ keepsScreenOn })}
      />
      <div class="fields rule-fields">
        <Threads tab={tab} />
        <TextField
          label={texts.nickname}
          hint={texts.nicknameHint}
          value={settings.nickname}
          maxLength={NICKNAME_LENGTH_MAX}
          onInput={(nickname) => tab.change({ nickname })}
        />
        <TextField
          label={texts.team}
          hint={texts.teamHint}
          value={settings.team}
          maxLength={TEAM_NAME_LENGTH_MAX}
          onInput={(team) => tab.change({ team })}
        />
        <NumberField
          label={texts.watts}
          hint={texts.wattsHint}
          value={settings.wattsPerThread}
          min={0.1}
          max={WATTS_MAX}
          step="any"
          onChange={(wattsPerThread) => tab.change({ wattsPerThread })}
        />
      </div>
    </section>
  );
}

/** The browser wants to be asked in a click, and asks its person in turn. */
function IdleChoice({ tab, tells }: { tab: VolunteerTab; tells: BrowserTells }) {
  const texts = volunteerTexts().rules;
  const [refused, setRefused] = useState(false);
  const { onlyWhenIdle } = tab.settings.value;
  const { user } = tab.device.value;
  const hint = refused ? texts.idleRefused : onlyWhenIdle ? texts.idleNow[user] : texts.idleHint;

  async function change(isOn: boolean): Promise<void> {
    const permitted = !isOn || !tells.use || (await askToWatchUse());
    setRefused(!permitted);
    // Said even where it changes nothing, so that the box goes back to what holds.
    tab.change({ onlyWhenIdle: isOn && permitted });
  }

  return (
    <ChoiceField
      label={texts.idle}
      rule="in-use"
      hint={tells.use ? hint : texts.doesNotTell}
      checked={onlyWhenIdle}
      onChange={(isOn) => void change(isOn)}
    />
  );
}

function Threads({ tab }: { tab: VolunteerTab }) {
  const texts = volunteerTexts().rules;
  const cores = navigator.hardwareConcurrency || 1;
  const most = Math.min(TAB_THREADS_MAX, cores);
  const { threads } = tab.settings.value;
  const choices = Array.from({ length: Math.max(most, threads ?? 1) }, (_, i) => i + 1);
  return (
    <Field label={texts.threads} hint={texts.threadsHint(cores, threads ?? tab.threadsUnasked)}>
      {(ids) => (
        <select
          {...ids}
          value={threads ?? ""}
          onChange={({ currentTarget: { value } }) => tab.change({ threads: value === "" ? null : Number(value) })}
        >
          <option value="">{texts.threadsUnasked(tab.threadsUnasked)}</option>
          {choices.map((n) => (
            <option key={n} value={n}>
              {n}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
