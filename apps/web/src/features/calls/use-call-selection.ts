"use client";
/** Which calls of a list are picked: some by hand, or all that match, also those that are not loaded. */
import { useState } from "react";

export interface CallSelection {
  all: boolean;
  has: (id: string) => boolean;
  /** Picks or drops one; `shown` is what "all" turns into when one of them is dropped. */
  toggle: (id: string, shown: readonly { id: string }[]) => void;
  pick: (calls: readonly { id: string }[]) => void;
  pickAll: () => void;
  clear: () => void;
}

type Picked = { all: true } | { all: false; ids: ReadonlySet<string> };
const NOTHING: Picked = { all: false, ids: new Set() };

export function useCallSelection(): CallSelection {
  const [picked, setPicked] = useState<Picked>(NOTHING);
  const has = (id: string) => picked.all || picked.ids.has(id);
  return {
    all: picked.all,
    has,
    toggle: (id, shown) => {
      const ids = new Set(picked.all ? shown.map((call) => call.id) : picked.ids);
      if (!ids.delete(id)) ids.add(id);
      setPicked({ all: false, ids });
    },
    pick: (calls) => setPicked({ all: false, ids: new Set(calls.map(({ id }) => id)) }),
    pickAll: () => setPicked({ all: true }),
    clear: () => setPicked(NOTHING),
  };
}
