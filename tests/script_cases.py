"""Poster texts in twelve scripts, each with headlines of 1, 5 and 15 words, and what no line end
may part in them."""

from __future__ import annotations

from dataclasses import dataclass

from contentfab.records.pictures import PosterText


@dataclass(frozen=True)
class Script:
    """`headlines` have 1, 5 and 15 words; `whole` are parts that stay in one line."""

    locale: str
    headlines: tuple[str, str, str]
    rest: tuple[str, str, str, str, str]
    """Sub-line, call to action, price, disclaimer, label."""
    whole: tuple[str, ...] = ()

    def text(self, words: int) -> PosterText:
        return PosterText(self.headlines[(1, 5, 15).index(words)], *self.rest)


SCRIPTS = {
    "en": Script(
        "en-US",
        (
            "Unbelievable",
            "Your iPhone 15 deserves better",
            "Brew 1,000 ml of slow coffee before the first light of day for $ 4.50",
        ),
        (
            "Cold-pressed in 18 hours, ready when you are.",
            "Taste the first bottle",
            "$4.50",
            "Contains caffeine. Please recycle the bottle. Offer ends 31 May 2027.",
            "AI-generated",
        ),
        ("iPhone 15", "1,000 ml", "$ 4.50"),
    ),
    "de": Script(
        "de-DE",
        (
            "Donaudampfschifffahrtsgesellschaft",
            "Geschwindigkeitsrausch für lange Sonntagsläufe jetzt",
            "Die Feuchtigkeitsspendende Gesichtsreinigungsmilch mit 1.000 ml und 50 % mehr Inhalt "
            "für nur 39,90 € diese Woche",
        ),
        (
            "212 Gramm leicht, 8 Millimeter Sprengung. Für alle, die zwei Schritte voraus sind.",
            "Jetzt entdecken",
            "149,90 €",
            "Gewicht gemessen an Größe EU 42. Preis inkl. MwSt., solange der Vorrat reicht.",
            "KI-generiert",
        ),
        ("1.000 ml", "50 %", "39,90 €"),
    ),
    "zh-CN": Script(
        "zh-CN",
        (
            "慢萃",
            "慢萃十八小时，清晨亮起来",
            "慢萃十八小时的冷萃咖啡，配上新鲜的牛奶和 1.5 升的好心情，让每个清晨都慢慢地亮起来",
        ),
        (
            "低温冷压，开瓶即饮，一天都有好状态。",
            "尝第一瓶",
            "¥39.90",
            "含咖啡因，请适量饮用。价格以门店实际标价为准。",
            "AI 生成",
        ),
        ("1.5 升",),
    ),
    "zh-TW": Script(
        "zh-TW",
        (
            "慢萃",
            "慢萃十八小時，清晨亮起來",
            "慢萃十八小時的冷萃咖啡，配上新鮮的牛奶「與」好心情，讓每個清晨都慢慢地亮起來",
        ),
        ("低溫冷壓，開瓶即飲。", "嚐第一瓶", "NT$390", "含咖啡因，請適量飲用。", "AI 生成"),
    ),
    "ja": Script(
        "ja-JP",
        (
            "ひとしずく",
            "雲のあとに、YUNLUの露が残る。",
            "朝の肌に、ひとしずくの余白を。多すぎず、少なすぎず、"
            "「YUNLU」の化粧水が 24 時間のうるおいを届けます。",
        ),
        (
            "朝の肌に、ひとしずくの余白。ちょうどいい、うるおい。",
            "使い心地を見る",
            "¥3,900",
            "※使用感には個人差があります。税込価格です。",
            "AI生成",
        ),
        ("24 時間", "YUNLU"),
    ),
    "ko": Script(
        "ko-KR",
        (
            "느린아침",
            "천천히 내린 커피로 시작하는 아침",
            "열여덟 시간 동안 천천히 내린 커피 한 잔이 당신의 아침을 조용히 밝혀 주는 "
            "가장 부드러운 방법입니다",
        ),
        (
            "차갑게 우려내어 바로 마실 수 있습니다.",
            "첫 병 맛보기",
            "₩4,500",
            "카페인이 들어 있습니다. 병은 분리배출해 주세요.",
            "AI 생성",
        ),
        ("커피로", "시작하는", "부드러운", "방법입니다"),
    ),
    "ar": Script(
        "ar-EG",
        (
            "استثنائية",
            "قهوة Northlight الباردة لصباح هادئ",
            "قهوة Northlight الباردة المعصورة ببطء لمدة 18 ساعة لتمنحك صباحا هادئا ومشرقا كل يوم "
            "مقابل 149.90 جنيه",
        ),
        (
            "معصورة على البارد، جاهزة متى شئت.",
            "اطلب الزجاجة الأولى",
            "149.90 EGP",
            "يحتوي على الكافيين. يرجى إعادة تدوير الزجاجة.",
            "مولّد بالذكاء الاصطناعي",
        ),
        ("Northlight", "149.90 جنيه"),
    ),
    "he": Script(
        "he-IL",
        (
            "מהפכני",
            "קפה Northlight קר לבוקר שקט",
            "קפה Northlight קר שנחלט לאט במשך 18 שעות ומעניק לך בוקר שקט ובהיר בכל יום "
            "במחיר 39.90 ₪",
        ),
        (
            "כבוש קר, מוכן כשאתם מוכנים.",
            "לטעימה ראשונה",
            "39.90 ₪",
            "מכיל קפאין. נא למחזר את הבקבוק.",
            "נוצר בבינה מלאכותית",
        ),
        ("39.90 ₪", "18 שעות"),
    ),
    "th": Script(
        "th-TH",
        (
            "อร่อยล้ำ",
            "กาแฟสกัดเย็นสำหรับเช้าวันใหม่",
            "กาแฟสกัดเย็นสิบแปดชั่วโมงที่พร้อมดื่มทุกเช้าวันใหม่เพื่อให้คุณเริ่มต้นวันอย่างสดชื่นและผ่อนคลายที่สุด",
        ),
        (
            "สกัดเย็นนาน 18 ชั่วโมง พร้อมดื่มทันที",
            "ลองขวดแรก",
            "฿149",
            "มีคาเฟอีน โปรดรีไซเคิลขวด",
            "สร้างโดย AI",
        ),
    ),
    "hi": Script(
        "hi-IN",
        (
            "अविश्वसनीय",
            "सुबह की पहली ठंडी कॉफ़ी",
            "अठारह घंटे तक धीरे धीरे बनी ठंडी कॉफ़ी जो आपकी हर सुबह को ताज़ा और उजला बनाती है",
        ),
        (
            "ठंडी विधि से बनी, पीने के लिए तैयार।",
            "पहली बोतल चखें",
            "₹349",
            "इसमें कैफ़ीन है। कृपया बोतल को रीसायकल करें।",
            "एआई द्वारा निर्मित",
        ),
    ),
    "ru": Script(
        "ru-RU",
        (
            "Достопримечательность",
            "Холодный кофе для ясного утра",
            "Холодный кофе медленного заваривания за 18 часов дарит вам спокойное и ясное утро "
            "каждый день всего за 390 ₽",
        ),
        (
            "Холодное заваривание, готов к употреблению.",
            "Попробовать",
            "390 ₽",
            "Содержит кофеин. Пожалуйста, сдайте бутылку в переработку.",
            "Создано ИИ",
        ),
        ("390 ₽",),
    ),
    "emoji": Script(
        "en-US",
        (
            "Whoa!🚀",
            "Slow brew ☕ bright morning 👩‍🚀",
            "Start 1️⃣ slow, pour 👍🏽 often, fly 🚀 high and sing 🎶 all day long in 🇩🇪 with us ❤️",
        ),
        (
            "Cold-pressed 🧊 in 18 hours ⏳",
            "Taste it ☕",
            "$4.50",
            "♻️ Please recycle.",
            "AI-generated",
        ),
        ("👩‍🚀", "1️⃣", "👍🏽", "🇩🇪", "❤️"),
    ),
    "km": Script(
        "km-KH",
        (
            "អស្ចារ្យ",
            "កាហ្វេត្រជាក់សម្រាប់ព្រឹកថ្មី",
            "កាហ្វេត្រជាក់ដែលចម្រោះយឺតៗរយៈពេលដប់ប្រាំបីម៉ោងសម្រាប់ព្រឹកថ្មីដ៏ស្រស់ស្អាតរបស់អ្នក",
        ),
        ("រួចរាល់សម្រាប់ផឹក", "សាកល្បង", "$4.50", "មានជាតិកាហ្វេអ៊ីន។", "បង្កើតដោយ AI"),
    ),
}
