// # Romanisations
//
// What the published romanisations of Ukrainian and Russian write, and how the
// skeleton meets it. "The skeleton" means that the spelling has the skeleton of
// the Cyrillic one; "a variant" that one of [Variants] has.
//
// Ukrainian:
//
//   - Cabinet of Ministers resolution 55 of 2010, which BGN/PCGN agreed to in
//     2019: Г h, Ґ g, Є ye and ie, Ж zh, И y, Ї yi and i, Й y and i, Х kh, Ц ts,
//     Ч ch, Ш sh, Щ shch, Ю yu and iu, Я ya and ia, зг zgh; no sign for Ь and the
//     apostrophe. The skeleton. Ьо loses its sign and becomes o (Kovalov for
//     Ковальов), which [Stem] mends.
//   - Cabinet resolution 231 of 2007 and its forerunners for passports: as above,
//     with Г g or h, Є, Ї, Ю, Я ie, i, iu, ia at the start too, В v or w, Щ shch or
//     sch, Ь an apostrophe or nothing. The skeleton.
//   - Passports of the 1990s, after French: У ou, Ю iou, Ж j, Ч tch, Ш ch, Щ
//     chtch, Г gu before e and i, a last -ін as -ine. A variant.
//   - BGN/PCGN 1965: Є ye, И y, Ї yi, Й y, Ь ’, and z·h, k·h, s·h, t·s for зг, кг,
//     сг, тс. The skeleton; the dot of k·h and s·h is heeded too.
//   - DSTU 9112:2021 A: Г ğ, Є je, Ж ž, И y, Й j, Х x, Ц c, Ч č, Ш š, Щ ŝ, Ь ĵ.
//     A variant (x). B: Г gh, Ж zh, Х kh, Ц c, Ч ch, Ш sh, Щ shch, Ь j. A
//     variant (j as a sign).
//
// Russian:
//
//   - Order of the Interior Ministry 310 of 1997: Е e and ye, Ё e and ye, Й y,
//     Х kh, Ц ts, Щ shch, Ы y, Ю yu, Я ya, кс x. The skeleton.
//   - GOST R 52535.1-2006: Й i, Ц tc, Щ shch, Ы y, Ю iu, Я ia, no signs. The
//     skeleton.
//   - Order of the Federal Migration Service 211 of 2014, which is ICAO Doc 9303
//     part 3: as before, with Ц ts and Ъ ie. The skeleton; a variant for Ъ.
//   - BGN/PCGN 1947: Е e and ye, Ё ë and yë, Й y, Ц ts, Ъ ”, Ь ’. The skeleton.
//   - GOST 16876-71 table 1: as the scholarly one. Table 2: Ё jo, Й j, Х kh, Ц c,
//     Щ shh, Э eh, Ю ju, Я ja. The skeleton; a variant for Э.
//   - GOST 7.79-2000 B: Ё yo, Х x, Ц cz and c, Щ shh, Ы y', Э e`, Ю yu, Я ya. A
//     variant (x, cz). A is ISO 9:1995.
//
// Both:
//
//   - ICAO Doc 9303 part 3, section 6: Ж ZH, Х KH, Ц TS, Щ SHCH, Ю IU, Я IA, Є IE,
//     Ъ IE. As above.
//   - ISO 9:1995: one Latin letter for each: Ж ž, Х h, Ц c, Ч č, Ш š, Щ ŝ, Ю û, Я â,
//     Є ê, Ь ʹ, Ъ ʺ, И i or y, І ì, Ї ï. The skeleton.
//   - ISO/R 9:1968 and the scholarly one: Х ch or x, Щ šč, Ю ju, Я ja, Є je. The
//     skeleton, and a variant for Х.
//   - ALA-LC: Ж zh, Ц t͡s, Ю i͡u, Я i͡a, Є i͡e, Й ĭ, Ь ʹ. The skeleton.
//
// Belarusian, by Resolution of the Interior Ministry 288 of 2008: Г g, Е ie and je,
// Й j, Ў w, Х kh, Ц ts, Ь an acute on its consonant. The skeleton; a variant for ć.
//
// Habits of other languages: Polish (В w, Ж ż, Х ch, Ц c and ć, Ч cz, Ш sz, Щ
// szcz, ą and ę for он and ен), French (as the passports of the 1990s), German by
// Duden (В w, Х ch, Ц z, Ч tsch, Ш and Ж sch, Щ schtsch), each a variant. Not met:
// the German s for З and sch for Ж, the Polish rz, and zh for зг where Г is h
// (scholarly, Polish, ALA-LC without its ligature); they are left to near misses. Writers without a system have 4 for Ч, 6 for Ш, x for Х, oo for У and ee
// for І (a variant), and w for В (the skeleton); w for Ш is not read.
//
// See romanisations_test.go, which holds each against the standard's own letters.
package names
