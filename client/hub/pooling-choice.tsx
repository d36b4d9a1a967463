import type { Pool } from "../../shared/hub/pooling.ts";
import { Field } from "../ui/field.tsx";

const texts = {
  pool: "A text’s vector is",
  pools: {
    "": "as the folder says (a Dense layer with it)",
    mean: "the mean of its tokens’",
    max: "the largest of each number of its tokens’",
    cls: "that of the first token",
    last: "that of the last token",
    none: "what the model gives",
  },
  normalize: "Vectors get the length 1",
};

interface PoolingChoiceProps {
  /** null: as the folder says. */
  readonly pool: Pool | null;
  readonly normalizes: boolean | null;
  choose(changes: { pool?: Pool | null; normalizes?: boolean | null }): void;
}

/** How a text's vector is made of its tokens'. */
export function PoolingChoice({ pool, normalizes, choose }: PoolingChoiceProps) {
  return (
    <>
      <Field label={texts.pool}>
        {(ids) => (
          <select
            {...ids}
            value={pool ?? ""}
            onChange={({ currentTarget: { value } }) => choose({ pool: value === "" ? null : (value as Pool) })}
          >
            {Object.entries(texts.pools).map(([value, said]) => (
              <option key={value} value={value}>
                {said}
              </option>
            ))}
          </select>
        )}
      </Field>
      <label class="choice">
        <input
          type="checkbox"
          checked={normalizes === true}
          onChange={({ currentTarget }) => choose({ normalizes: currentTarget.checked ? true : null })}
        />
        {texts.normalize}
      </label>
    </>
  );
}
