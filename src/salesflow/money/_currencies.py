"""The currencies of ISO 4217: their minor units, and how people write amounts of them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from salesflow._arguments import instance
from salesflow.errors import UnknownName, closest
from salesflow.text import Language

# ISO 4217: the active codes of countries and funds in which deals are made.
CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN
    NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK
    SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS
    VED VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - a list of 160 strings is not easier to read
)

# ISO 4217: the decimals of the currencies whose minor unit is not a hundredth.
_DECIMALS: Final = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),  # noqa: SIM905 - as above
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),  # noqa: SIM905 - as above
    "CLF": 4,
}


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        near = near_currency(code)
        raise PydanticCustomError(
            "currency",
            "{code} is not a currency of ISO 4217{hint}",
            {"code": repr(code[:20]), "hint": f'; did you mean "{near}"?' if near else ""},
        )
    return code


Currency = Annotated[str, AfterValidator(_known_currency)]


def near_currency(name: str) -> str | None:
    """The code that was meant by what is none; None where nobody can tell.

    Example:
        >>> (
        ...     near_currency("EURO"),
        ...     near_currency("EUX"),
        ...     near_currency("港币"),
        ...     near_currency("gold"),
        ... )
        ('EUR', 'EUR', 'HKD', None)
    """
    code = name.strip().upper()
    alike = [known for known in sorted(CURRENCIES) if known[:2] == code[:2]]
    return currency_of(name) or closest(code, alike) or closest(code, CURRENCIES)


def minor_unit(currency: str) -> Decimal:
    """The smallest amount that can be paid in a currency, by ISO 4217.

    Raises:
        ArgumentError: `currency` is not a text.
        UnknownName: It is not one of `CURRENCIES`.

    Example:
        >>> minor_unit("USD"), minor_unit("JPY"), minor_unit("KWD")
        (Decimal('0.01'), Decimal('1'), Decimal('0.001'))
    """
    if instance(currency, str, "currency") not in CURRENCIES:
        raise UnknownName("currency", currency, sorted(CURRENCIES))
    return Decimal(1).scaleb(-_DECIMALS.get(currency, 2))


# A product of two decimal numbers, as binary64, is off by at most 2**-51 of itself: what lies so
# near below a half is a half. Beyond that many units nobody can tell.
NEARLY: Final = 1.0 + 2.0**-50
TELLS_HALVES: Final = 2.0**46


def units_in(currency: str) -> int:
    """How many minor units one unit of a currency has: 100 cents of a dollar, one yen of a yen."""
    return int(10 ** _DECIMALS.get(currency, 2))


def round_to_cents(amount: float, currency: str = "USD") -> float:
    """`amount` rounded half up to the minor unit of its currency: cents, unless it has others.

    What decimal arithmetic calls a half is rounded as one, though binary64 may miss it by a hair.
    Only operations are used that every frame engine has: rounding functions differ between engines
    (half to even, half away from zero), floors do not.

    Example:
        >>> round_to_cents(90_909.095), round_to_cents(2.01 * 0.5)
        (90909.1, 1.01)
        >>> round_to_cents(1494.86, "JPY"), round_to_cents(0.3092, "KWD")
        (1495.0, 0.309)
    """
    units = units_in(currency)
    whole = amount * units
    if abs(whole) < TELLS_HALVES:
        whole *= NEARLY
    return math.floor(whole + 0.5) / units


def currency_of(name: str) -> str | None:
    """The code of a currency, of whatever it is called by; None of what is no currency.

    Example:
        >>> currency_of("usd"), currency_of("RMB"), currency_of("人民币"), currency_of("gold")
        ('USD', 'CNY', 'CNY', None)
    """
    code = name.strip().upper()
    return code if code in CURRENCIES else _CALLED.get(name.strip().lower())


def only_currency_of(name: str) -> str | None:
    """As `currency_of`, and None too of what several countries call theirs.

    Example:
        >>> only_currency_of("RMB"), only_currency_of("$")
        ('CNY', None)
    """
    return None if name.strip().lower() in _OF_SEVERAL else currency_of(name)


# What people say of these in Chinese; others are called by their codes.
_IN_CHINESE: Final = {
    "AUD": "澳元",
    "CAD": "加元",
    "CHF": "瑞士法郎",
    "CNY": "元",
    "EUR": "欧元",
    "GBP": "英镑",
    "HKD": "港元",
    "JPY": "日元",
    "KRW": "韩元",
    "MOP": "澳门元",
    "NZD": "新西兰元",
    "RUB": "卢布",
    "SGD": "新加坡元",
    "THB": "泰铢",
    "TWD": "新台币",
    "USD": "美元",
}
_CALLED: Final = {
    **{name: code for code, name in _IN_CHINESE.items()},
    **dict.fromkeys(
        ("rmb", "¥", "￥", "人民币", "人民币元", "块", "yuan", "renminbi", "cn¥"), "CNY"
    ),
    **dict.fromkeys(("$", "＄", "us$", "dollar", "dollars", "us dollar", "美金", "美刀"), "USD"),
    **dict.fromkeys(("€", "euro", "euros", "eur.", "欧"), "EUR"),
    **dict.fromkeys(("£", "ukp", "stg", "pound", "pounds", "sterling", "pound sterling"), "GBP"),
    **dict.fromkeys(("hk$", "港币", "港纸", "港幣"), "HKD"),
    **dict.fromkeys(("ntd", "nt$", "nt", "台币", "臺幣", "新臺幣", "新台币元"), "TWD"),
    **dict.fromkeys(("jp¥", "yen", "円", "日圆", "日币", "日幣"), "JPY"),
    **dict.fromkeys(("₩", "won", "韩币", "韩圆"), "KRW"),
    **dict.fromkeys(("₹", "rupee", "rupees", "rs", "rs.", "卢比", "印度卢比"), "INR"),
    **dict.fromkeys(("s$", "新币", "新元", "坡币"), "SGD"),
    **dict.fromkeys(("a$", "au$", "澳币", "澳大利亚元"), "AUD"),
    **dict.fromkeys(("c$", "ca$", "加币", "加拿大元"), "CAD"),
    **dict.fromkeys(("nz$", "纽币", "新西兰币"), "NZD"),
    **dict.fromkeys(("mop$", "澳门币", "葡币"), "MOP"),
    **dict.fromkeys(("sfr", "sfr.", "fr.", "franken", "瑞郎"), "CHF"),
    **dict.fromkeys(("₽", "ruble", "rubles", "rouble", "rur"), "RUB"),
    **dict.fromkeys(("฿", "baht"), "THB"),
    **dict.fromkeys(("r$", "real", "reais", "雷亚尔"), "BRL"),
    **dict.fromkeys(("₫", "越南盾"), "VND"),
    **dict.fromkeys(("₺", "土耳其里拉"), "TRY"),
    **dict.fromkeys(("kr", "kr.", "krona", "krone"), "SEK"),
    "₪": "ILS",
    "₴": "UAH",
    "₦": "NGN",
    "₱": "PHP",
    "zł": "PLN",
    "kč": "CZK",
    "rp": "IDR",
    **dict.fromkeys(("rm", "ringgit", "马币", "令吉", "林吉特"), "MYR"),
}
"""What people call currencies, in small letters."""
_OF_SEVERAL: Final = frozenset(
    "$ ＄ dollar dollars ¥ ￥ 元 块 pound pounds fr. won rupee rupees rs rs. 卢比 ruble rubles "  # noqa: SIM905 - as above
    "rouble kr kr. krona krone 新元 新币".split()
)
"""Of these the names that several countries have for theirs."""

# A large amount is counted in these, if it is then one of at most two decimals.
_COUNTED_IN: Final = ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万"))
_HUNDREDTH: Final = Decimal("0.01")
_ENDLESS: Final = 1e15


def in_words(amount: float, currency: str, lang: Language) -> str:
    """An amount as people write it, exactly; in Chinese large ones are counted in 万 and 亿.

    Example:
        >>> in_words(850_000.0, "CNY", "en"), in_words(850_000.0, "CNY", "zh")
        ('850,000 CNY', '85 万元')
        >>> in_words(49_999.99, "USD", "zh"), in_words(1.5e8, "CAD", "zh")
        ('49,999.99 美元', '1.5 亿加元')
    """
    if lang != "zh":
        return f"{amount:,.15g} {currency}"
    name = _IN_CHINESE.get(currency, currency)
    gap = " " if name.isascii() else ""
    for unit, word in _COUNTED_IN if abs(amount) < _ENDLESS else ():
        counted = Decimal(repr(amount)) / unit
        if abs(counted) >= 1 and counted == counted.quantize(_HUNDREDTH):
            return f"{counted.normalize():,f} {word}{gap}{name}"
    return f"{amount:,.15g} {name}"
