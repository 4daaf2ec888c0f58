"""Reading ease: published worked examples, and syllables against counted word lists."""

from __future__ import annotations

import pytest

from contentfab.rules.wording.readability import FORMULAS, MIN_WORDS, reading_ease
from contentfab.rules.wording.syllables import syllables

# Counted by hand after the dictionaries of each language (Merriam-Webster, Duden, Larousse, RAE).
WORDS = {
    "en": "the 1 coffee 2 about 2 open 2 area 3 idea 3 morning 2 every 2 beautiful 3 baked 1 "
    "little 2 people 2 flavour 2 quiet 2 science 2 shoes 1 miles 1 chocolate 3 comfortable 4 "
    "energy 3 video 3 create 2 being 2 making 2 bottle 2 minutes 2 wanted 2 worked 1 changes 2 "
    "houses 2 company 3 ounce 1 away 2 serum 2 refillable 4 beans 1 orange 2 poem 2 cruel 2 "
    "usual 3 variety 4 society 4 million 2 special 2 education 4 readability 5 tastes 1 rinses 2 "
    "something 2 lovely 2 movement 2 homemade 2 timeless 2",
    "de": "der 1 kaffee 2 beachten 3 jeden 2 dienstag 2 geröstet 3 bohnen 2 stunden 2 gebrüht 2 "
    "laufen 2 straße 2 freuen 2 bauer 2 nation 3 museum 3 abend 2 oder 2 leicht 1 entdecken 3 "
    "feierabend 4 theater 3 ideen 3 ruhig 2 zuhause 3 geübt 2 aktuell 3 universität 5 eier 2",
    "fr": "le 1 café 2 froid 1 pendant 2 heures 1 fermes 1 sucres 1 ajoutés 3 chaque 1 mardi 2 "
    "matin 2 lumière 2 peau 1 nuit 1 création 3 théâtre 2 quotidien 3 table 1 bouteille 2 "
    "découvrir 3 oublier 3 pied 1 yeux 1 soleil 2 nouvelle 2",
    "es": "el 1 café 2 infusionado 5 frío 2 azúcares 4 añadidos 4 día 2 bueno 2 aire 2 ciudad 2 "
    "caos 2 teatro 3 leer 2 país 2 agua 2 quiero 2 guerra 2 ruido 2 poesía 4 oído 3 muy 1 rey 1",
    "it": "il 1 caffè 2 mattina 3 giorno 2 buono 2 teatro 3 paese 3 acqua 2 famiglia 3 leone 3",
    "pt": "o 1 café 2 extraído 4 frio 2 grãos 1 açúcar 3 coração 3 água 2 dia 2 pão 1 lição 2 "
    "ideia 3 país 2 saúde 3 limões 2 qualidade 4 pessoas 3 muito 2",
    "nl": "de 1 koffie 2 dinsdag 2 boerderij 3 mooie 2 zeeën 2 ideeën 3 nieuw 1 koeien 2 huid 1",
    "ru": "кофе 2 утро 2 каждый 2 вторник 2 свежая 3 обжарка 3 объём 2 идея 3",
}


@pytest.mark.parametrize("tongue", sorted(WORDS))
def test_syllables_of_counted_words(tongue: str) -> None:
    parts = WORDS[tongue].split()
    wrong = {
        word: syllables(word, tongue)
        for word, count in zip(parts[::2], parts[1::2], strict=True)
        if syllables(word, tongue) != int(count)
    }
    assert not wrong


def test_the_published_example_of_flesch() -> None:
    """en.wikipedia.org, Flesch–Kincaid readability tests: this sentence scores 69."""
    text = "This sentence, taken as a reading passage unto itself, is being used to prove a point."
    found = reading_ease([text], "en-US")
    assert (found.words, found.sentences, found.syllables) == (16, 1, 23)
    assert round(found.ease or 0) == 69


def test_the_cat_on_the_mat_scores_116() -> None:
    """The same page: six words of one syllable; said twice, since six words are not measured."""
    found = reading_ease(["The cat sat on the mat.", "The cat sat on the mat."], "en-GB")
    assert found.ease == pytest.approx(116.1, abs=0.1)


@pytest.mark.parametrize(
    ("locale", "text", "words", "sentences", "counted"),
    [
        (
            "de-DE",
            "Der Hund lief schnell durch den Wald. Die Katze schlief am Ofen ein.",
            13,
            2,
            15,
        ),
        ("es-ES", "El café está muy bueno hoy. Lo tomo cada día con pan y agua fría.", 15, 2, 23),
        ("ru-RU", "Утром мы пьём кофе. Потом идём гулять в парк и читаем книгу вслух.", 13, 2, 20),
    ],
)
def test_a_formula_is_applied_to_what_was_counted(
    locale: str, text: str, words: int, sentences: int, counted: int
) -> None:
    formula = FORMULAS[locale[:2]]
    found = reading_ease([text], locale)
    assert (found.words, found.sentences, found.syllables) == (words, sentences, counted)
    ease = formula.base - formula.sentence * words / sentences - formula.syllable * counted / words
    assert found.ease == pytest.approx(ease, abs=0.06)
    assert found.formula == formula.name


@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW", "ja-JP", "ko-KR", "ar-SA", "th-TH", "he-IL"])
def test_a_language_without_a_formula_is_not_measured(locale: str) -> None:
    found = reading_ease(["word " * 30], locale)
    assert found.ease is None and found.why.startswith("not measured: no published formula")


def test_a_few_words_are_not_measured() -> None:
    assert reading_ease(["word " * (MIN_WORDS - 1)], "en-US").ease is None
    assert reading_ease(["word " * MIN_WORDS], "en-US").ease is not None


def test_a_name_counts_as_a_word_without_making_the_text_harder() -> None:
    text = "We roast it on Monday and it is at your door by the next day."
    named = text.replace("it on", "Extraordinarily Delicious on")
    plain = reading_ease([text], "en-US")
    with_name = reading_ease([named], "en-US", ["Extraordinarily Delicious"])
    assert with_name.ease == pytest.approx(plain.ease, abs=1.0)
    hard = reading_ease([named], "en-US")
    assert hard.ease is not None and plain.ease is not None and hard.ease < plain.ease - 10


def test_numbers_and_decimals_do_not_end_sentences() -> None:
    text = "It weighs 2.5 ounces and costs 1,200 dollars at most shops in the old town."
    assert reading_ease([text], "en-US").sentences == 1
