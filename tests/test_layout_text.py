"""Where lines may break: phrases, numbers with their units, hyphens, capitals by locale."""

from __future__ import annotations

import pytest

from contentfab.backends._typst_text import entry, phrases, upper_case


def words(text: str, locale: str) -> list[str]:
    return [word["text"] for word in phrases(text, locale)]


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("慢萃十八小时，清晨亮起来", "zh-CN"),
        ("慢萃十八小時，清晨亮起來", "zh-TW"),
        ("雲のあとに、YUNLUの露が残る。", "ja-JP"),
        ("Für alle, die zwei Schritte voraus sind", "de-DE"),
        ("ทดสอบภาษาไทยวันนี้", "th-TH"),
        ("Geschwindigkeitsrausch am Morgen", "de-DE"),
    ],
)
def test_the_phrases_are_the_text(text: str, locale: str) -> None:
    whole = "".join((" " if word["space"] else "") + word["text"] for word in phrases(text, locale))
    assert whole == text


@pytest.mark.parametrize(
    "text",
    [
        "带一点/李子/和/黑可可味，/如此而已",
        "雾散了，/水润/还在，/如此而已",
        "长在/海拔/1700/米/的/山上，/做/黑咖/做/拿铁/都/好喝。/就/问/你/爱不爱。",
        "慢萃/十八小时，/清晨/亮起来",
        "山茶/水/遇上/白茶，/就是/讲究",
        "自家/烘豆/冻干/成晶，/小小/一罐/能冲/ 30 杯",
        "揣进/口袋/就/出门",
        "云雾/爽肤水｜/雾散了，/水润/还在",
        "早上/醒来/脸/是/软的，/帮/肌肤/留住/水分。/不多不少，/正好。",
        "能/把/一天/的/调子/定/下来",
        "酒店/的/水壶/也/够用，/10 秒/冲好/一杯",
        "让/皮肤/喝饱/水/的/玻尿酸/面膜",
        "茉莉/花茶/清香/扑鼻，/回味/悠长",
        "重新/定义/你/的/早餐/时光",
        "无线/吸尘器/轻松/清洁/每个/角落",
        "给/孩子/的/第一本/英文/绘本",
    ],
)
def test_no_chinese_word_is_cut(text: str) -> None:
    """The slashes are where a word ends, told by hand."""
    may_end, found = set(), set()
    for part in text.split("/"):
        may_end.add(len(part.replace(" ", "")) + max(may_end, default=0))
    whole = text.replace("/", "")
    for word in words(whole, "zh-CN"):
        found.add(len(word.replace(" ", "")) + max(found, default=0))
    assert found <= may_end
    assert len(found) > 1 and max(found) == max(may_end)


def test_latin_words_and_numbers_in_chinese_stay_whole() -> None:
    for text, kept in (("用iPhone拍照，省1,700元", "1,700元"), ("每天10:30到店,轻松", "10:30")):
        assert any(kept in word for word in words(text, "zh-CN"))
    assert any("iPhone" in word for word in words("用iPhone拍照，省1,700元", "zh-CN"))


def test_chinese_particles_do_not_begin_a_line() -> None:
    for text in ("酒店的水壶也够用，值得你的时间", "一杯好咖啡，能把一天的调子定下来"):
        assert not any(word[0] in "的了吧吗" for word in words(text, "zh-CN"))


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("雾散了，水润还在，如此而已", "zh-CN"),
        ("带一点李子和黑可可味，如此而已", "zh-CN"),
        ("云雾爽肤水｜雾散了，水润还在", "zh-CN"),
        ("こっくりなのに重くない。多すぎず、少なすぎず。", "ja-JP"),
    ],
)
def test_chinese_and_japanese_lines_end_at_punctuation_first(text: str, locale: str) -> None:
    parts = phrases(text, locale)[:-1]
    pauses = [part["penalty"] for part in parts if part["text"][-1] in "，。｜、"]
    others = [part["penalty"] for part in parts if part["text"][-1] not in "，。｜、"]
    assert pauses and max(pauses) <= -0.8
    assert min(others, default=0.0) >= 0.0


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("べたつかずうるおう。", "うるおう"),
        ("手のひらで温めてから。", "手のひら"),
        ("急がない、という選択。", "急がない"),
        ("多すぎず、少なすぎず。", "少なすぎず"),
    ],
)
def test_no_japanese_word_is_cut(text: str, kept: str) -> None:
    assert any(kept in word for word in words(text, "ja-JP"))


def test_a_long_japanese_phrase_may_end_where_the_script_changes() -> None:
    assert words("保湿成分スクワラン6%", "ja-JP") == ["保湿成分", "スクワラン6%"]


def test_no_phrase_starts_with_closing_or_ends_with_opening_marks() -> None:
    for text in ("「朝の光」、そして露。", "“慢萃”（十八小时）！", "カフェーで、ゆっくり。"):
        for word in words(text, "ja-JP"):
            assert word[0] not in "」）。、！”ーっゃ" and word[-1] not in "「（“"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Nur 212 g leicht", "212 g"),
        ("Only 149,90 € today", "149,90 €"),
        ("保湿 12 小时", "12 小时"),
        ("Bis zu 30 % mehr", "30 %"),
    ],
)
def test_numbers_stay_with_their_units(text: str, kept: str) -> None:
    locale = "zh-CN" if "小时" in text else "de-DE"
    assert kept in words(text, locale)


@pytest.mark.parametrize(
    ("text", "kept", "locale"),
    [
        ("Your iPhone 15 deserves better", "iPhone 15", "en-US"),
        ("Meet the Stride 2 today", "Stride 2", "en-US"),
        ("With SPF 50 all day", "SPF 50", "en-US"),
        ("Now only € 39,90 each", "€ 39,90", "nl-NL"),
        ("Nur EUR 39,90 im Laden", "EUR 39,90", "de-DE"),
        ("Jetzt 1 000 ml mehr", "1 000 ml", "fr-FR"),
        ("Pack of 2 x 30 ml now", "2 x 30 ml", "en-US"),
        ("Chanel No. 5 forever", "No. 5", "en-US"),
        ("Nur\u00a03 Tage", "Nur\u00a03", "de-DE"),
        ("Was für ein Tag !", "Tag !", "fr-FR"),
        ("Slow brew ☕ all day", "brew ☕", "en-US"),
        ("🚀 Lift off today", "🚀 Lift", "en-US"),
        ("Fly 👩\u200d🚀 high", "Fly 👩\u200d🚀", "en-US"),
        ("朝の👩\u200d🚀と👍🏽で1️⃣番", "👩\u200d🚀", "ja-JP"),
        ("قهوة مقابل 149.90 جنيه اليوم", "149.90 جنيه", "ar-EG"),
        ("커피로 시작하는 아침", "시작하는", "ko-KR"),
        ("아침을 깨우는 한 잔의 여유", "한 잔의", "ko-KR"),
        ("Up to 50% off all summer", "50% off", "en-US"),
        ("กาแฟดีๆ เริ่มต้นเช้าวันใหม่", "เริ่มต้น", "th-TH"),
        ("วิ่งได้ไกลกว่า เบากว่าเดิม", "เบากว่า", "th-TH"),
    ],
)
def test_what_belongs_together_is_never_parted(text: str, kept: str, locale: str) -> None:
    assert any(kept in word for word in words(text, locale))


def test_a_price_does_not_take_the_word_before_it() -> None:
    assert words("Only 149,90 € today", "en-US") == ["Only", "149,90 €", "today"]
    assert words("Über 50 % mehr", "de-DE")[0] == "Über"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Cold-Brew-Geschmack", ["Cold-", "Brew-", "Geschmack"]),
        ("T-Shirt e-bike", ["T-Shirt", "e-bike"]),
        ("Slow—bright", ["Slow—", "bright"]),
        ("Non\u2011stop fun", ["Non\u2011stop", "fun"]),
        ("shop.northlight-coffee.example/new-arrivals", None),
        ("hello@northlight-coffee.example", None),
        ("Wi-Fi対応の新しいイヤホン", ["Wi-Fi対応の", "新しい", "イヤホン"]),
        ("super\u200blong", ["super", "long"]),
    ],
)
def test_words_break_after_their_hyphens_and_addresses_nowhere(
    text: str, parts: list[str] | None
) -> None:
    assert words(text, "ja-JP" if "対応" in text else "en-US") == (parts or [text])


def test_a_soft_hyphen_is_a_place_to_hyphenate() -> None:
    parts = phrases("Extra\u00adordinary brew", "en-US")
    assert [(p["text"], p["soft"]) for p in parts[:2]] == [("Extra", True), ("ordinary", False)]


def test_a_narrow_column_hyphenates_shorter_words() -> None:
    assert not any(word["soft"] for word in phrases("Feuchtigkeit", "de-DE"))
    assert any(word["soft"] for word in phrases("Feuchtigkeit", "de-DE", narrow=True))


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("我们的新品上市了", "en-US"),
        ("朝のコーヒーをゆっくり楽しむ", "en-US"),
        ("กาแฟสกัดเย็นสำหรับเช้าวันใหม่", "en-US"),
    ],
)
def test_what_a_word_is_written_in_decides_how_it_breaks(text: str, locale: str) -> None:
    assert len(words(text, locale)) > 1


def test_korean_breaks_at_spaces_only() -> None:
    text = "열여덟 시간 동안 천천히 내린 커피"
    assert words(text, "ko-KR") == text.split(" ")


KINSOKU = [
    "「朝の光」、（そして）露。",
    "きゃべつとキャベツ、ちょっと、ヴァイオリン！？",
    "価格は￥3,900（税込）です…たったの50％。",
    "她说：“慢萃（十八小时）！”然后笑了。",
    "《慢萃》、『露』……一共￥39／瓶。",
]


@pytest.mark.parametrize("text", KINSOKU)
@pytest.mark.parametrize("locale", ["ja-JP", "zh-CN", "zh-TW"])
def test_no_line_starts_or_ends_with_a_mark_that_must_not(text: str, locale: str) -> None:
    found = words(text, locale)
    assert "".join(found) == text
    assert len(found) > 1
    for word in found[1:]:
        assert (
            word[0]
            not in "、。，．！？：；」』）】》〉］｝”’ー…％ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
        )
    for word in found[:-1]:
        assert word[-1] not in "「『（【《〈［｛“‘￥¥$"


def test_paragraphs_keep_amounts_and_korean_words_whole() -> None:
    long = "이 제품은 카페인이 들어 있으며 가격은 4,500 원 입니다. " * 8
    made = entry(long, "ko-KR")
    assert made is not None and not made["phrased"]
    whole = [run["text"] for run in made["runs"] if run["whole"]]
    assert "카페인이" in whole and "4,500 원" in whole
    assert "".join(run["text"] for run in made["runs"]) == made["raw"]


def test_a_line_had_better_not_end_in_an_article() -> None:
    penalty = {word["text"]: word["penalty"] for word in phrases("Start the day, slowly", "en-US")}
    assert penalty["the"] > 0.5 > penalty["Start"]
    assert penalty["day,"] < 0


def test_a_short_last_word_had_better_not_stand_alone() -> None:
    penalty = {word["text"]: word["penalty"] for word in phrases("Made for hotel kettles", "en-US")}
    assert penalty["hotel"] > penalty["for"] > penalty["Made"]
    sentence = {word["text"]: word["penalty"] for word in phrases("Lace up. Go.", "en-US")}
    assert sentence["up."] < 0


def test_only_long_words_are_hyphenated_and_never_into_stumps() -> None:
    parts = phrases("Donaudampfschifffahrtsgesellschaft heute", "de-DE")
    soft = [word for word in parts if word["soft"]]
    assert soft and parts[-1] == {"text": "heute", "space": True, "penalty": 0.0, "soft": False}
    assert parts[0]["text"] == "Donau" and len(parts[-2]["text"]) >= 4
    assert not any(word["soft"] for word in phrases("Slow morning brew", "en-US"))


def test_capitals_follow_the_locale() -> None:
    assert upper_case("istanbul", "tr-TR") == "İSTANBUL"
    assert upper_case("straße", "de-DE") == "STRASSE"
    assert upper_case("ψωμί και τυρί", "el-GR") == "ΨΩΜΙ ΚΑΙ ΤΥΡΙ"


def test_capitals_leave_line_breaks_where_they_were() -> None:
    made = entry("Only 149,90 € today", "en-US", upper=True)
    assert made is not None and made["raw"] == "ONLY 149,90 € TODAY"
    assert [word["text"] for word in made["tokens"]] == ["ONLY", "149,90 €", "TODAY"]


def test_an_empty_text_is_none_and_space_is_tidied() -> None:
    assert entry("  ", "en-US") is None
    tidy = entry(" Slow \n brew ", "en-US")
    assert tidy is not None and tidy["raw"] == "Slow brew"


def test_scripts_that_cannot_be_cut_are_left_to_the_paragraph() -> None:
    khmer = entry("កាហ្វេពេលព្រឹក", "km-KH")
    assert khmer is not None and not khmer["phrased"]
