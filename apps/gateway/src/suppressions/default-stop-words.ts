/**
 * What a recipient who has had enough writes, by language. Only words that mean nothing else in a conversation: "cancel"
 * or "end" may answer a question.
 */
export const defaultStopWords: Readonly<Record<string, readonly string[]>> = {
  en: ['stop', 'stop all', 'stopall', 'unsubscribe', 'opt out', 'optout'],
  uk: ['стоп', 'відписатися', 'відписатись', 'відписка', 'відпишіть', 'відпишіть мене'],
  pl: ['wypisz', 'wypisz mnie', 'rezygnuję', 'rezygnuje', 'wypisuję się', 'wypisuje sie'],
  ro: [
    'dezabonare',
    'dezabonează',
    'dezaboneaza',
    'mă dezabonez',
    'ma dezabonez',
    'oprește',
    'opreşte',
    'opreste',
  ],
  es: [
    'baja',
    'dar de baja',
    'darme de baja',
    'cancelar suscripción',
    'cancelar suscripcion',
    'no enviar más',
    'no enviar mas',
  ],
  kk: ['тоқтат', 'тоқтату', 'тоқта', 'жазылымнан шығу', 'бас тарту', 'бас тартамын'],
  ru: ['стоп', 'отписаться', 'отписка', 'отпишите', 'отпишите меня', 'отменить подписку'],
};

/** All of them, each once. */
export const allDefaultStopWords: readonly string[] = [
  ...new Set(Object.values(defaultStopWords).flat()),
];
