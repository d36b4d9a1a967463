import { useEffect, useId, useState } from "preact/hooks";
import { JOB_FILTERS, type JobFilter } from "../../shared/kinds/job-list.ts";
import { NAME_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import { pageTexts } from "./dashboard-texts.ts";
import { type JobsShown, jobsHash } from "./route.ts";

const texts = pageTexts.jobs;
const FILTERS = Object.keys(JOB_FILTERS) as JobFilter[];
const SETTLE_MS = 300;

/** Which jobs are shown. It stands in the address, so that it can be linked to; not in the history, a letter at a time. */
export function JobFilterForm({ shown }: { shown: JobsShown }) {
  const [typed, setTyped] = useState(shown.search);
  const id = useId();
  const { show, search } = shown;
  useEffect(() => setTyped(search), [search]);
  useEffect(() => {
    if (typed === search) return;
    const timer = setTimeout(() => location.replace(jobsHash({ show, search: typed, offset: 0 })), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [typed, search, show]);
  return (
    <search class="filter">
      <div class="filter-field">
        <label for={`${id}-show`}>{texts.show}</label>
        <select
          id={`${id}-show`}
          value={show}
          onChange={({ currentTarget }) =>
            location.replace(jobsHash({ show: currentTarget.value as JobFilter, search: typed, offset: 0 }))
          }
        >
          {FILTERS.map((filter) => (
            <option key={filter} value={filter}>
              {texts.filters[filter]}
            </option>
          ))}
        </select>
      </div>
      <div class="filter-field grows">
        <label for={`${id}-search`}>{texts.search}</label>
        <input
          id={`${id}-search`}
          type="search"
          maxLength={NAME_LENGTH_MAX}
          placeholder={texts.searchHint}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </div>
    </search>
  );
}
