/** Small drawings of what can be chosen; they say nothing, so nobody has to read them. */
const INK = "var(--mg-ink)";
const ACCENT = "var(--mg-accent)";
const FAINT = { stroke: INK, strokeWidth: 3, strokeLinecap: "round", opacity: 0.22 } as const;

export function TextPicture() {
  return (
    <svg viewBox="0 0 160 88" width="100%" height={104} aria-hidden>
      <rect x="30" y="6" width="100" height="76" rx="6" fill="var(--mg-surface)" stroke={INK} strokeWidth="1.5" />
      {[22, 34, 46, 58, 70].map((y, index) => <line key={y} x1="42" x2={[116, 108, 118, 96, 76][index]} y1={y} y2={y} {...FAINT} />)}
      <line x1="60" x2="98" y1="34" y2="34" stroke={ACCENT} strokeWidth="3" strokeLinecap="round" />
    </svg>
  );
}

export function ImagePicture() {
  return (
    <svg viewBox="0 0 160 88" width="100%" height={104} aria-hidden>
      <rect x="26" y="6" width="108" height="76" rx="6" fill="var(--mg-surface)" stroke={INK} strokeWidth="1.5" />
      <path d="M27 70 L60 38 L84 62 L102 46 L133 74 V76 a6 6 0 0 1 -6 6 H32 a6 6 0 0 1 -5 -6 Z" fill={INK} opacity="0.16" />
      <circle cx="106" cy="27" r="8" fill={ACCENT} />
    </svg>
  );
}

export function OnePicture() {
  return (
    <svg viewBox="0 0 120 60" width="100%" height={64} aria-hidden>
      {[12, 30, 48].map((y, index) => (
        <g key={y}>
          <circle cx="32" cy={y} r="6" fill="none" stroke={INK} strokeWidth="1.5" />
          {index === 1 && <circle cx="32" cy={y} r="3.2" fill={ACCENT} />}
          <line x1="48" x2={[92, 84, 72][index]} y1={y} y2={y} {...FAINT} />
        </g>
      ))}
    </svg>
  );
}

export function SeveralPicture() {
  return (
    <svg viewBox="0 0 120 60" width="100%" height={64} aria-hidden>
      {[12, 30, 48].map((y, index) => (
        <g key={y}>
          <rect x="26" y={y - 6} width="12" height="12" rx="2.5" fill="none" stroke={INK} strokeWidth="1.5" />
          {index !== 1 && <path d={`M28.500 ${y}l2.500 3 5-6`} fill="none" stroke={ACCENT} strokeWidth="2" strokeLinecap="round" />}
          <line x1="48" x2={[92, 84, 72][index]} y1={y} y2={y} {...FAINT} />
        </g>
      ))}
    </svg>
  );
}
