(declare-const v0 Int) ; arg.v|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.v|is amount
(declare-const v2 Int) ; arg.v|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.v|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.v|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.v|length
(declare-const v6 Int) ; arg.x|sort
(define-fun p7 () Bool (or (= v6 0) (= v6 1) (= v6 2) (= v6 3) (= v6 4) (= v6 5)))
(declare-const v7 Bool) ; arg.x|is amount
(declare-const v8 Int) ; arg.x|currency
(define-fun p8 () Bool (and v7 (= v8 0)))
(define-fun p9 () Bool (or (not (= v6 2)) p8))
(define-fun p10 () Bool (or (= v6 2) (= v6 3) (= v6 5)))
(define-fun p11 () Bool (or (not v7) p10))
(declare-const v9 Bool) ; arg.x|is day
(define-fun p12 () Bool (or (not v9) (= v6 3)))
(declare-const v10 Bool) ; arg.x|is moment
(define-fun p13 () Bool (or (not v10) (= v6 3)))
(declare-const v11 Int) ; arg.x|length
(declare-const v12 Int) ; arg.z|sort
(define-fun p14 () Bool (or (= v12 0) (= v12 1) (= v12 2) (= v12 3) (= v12 4) (= v12 5)))
(declare-const v13 Bool) ; arg.z|is amount
(declare-const v14 Int) ; arg.z|currency
(define-fun p15 () Bool (and v13 (= v14 0)))
(define-fun p16 () Bool (or (not (= v12 2)) p15))
(define-fun p17 () Bool (or (= v12 2) (= v12 3) (= v12 5)))
(define-fun p18 () Bool (or (not v13) p17))
(declare-const v15 Bool) ; arg.z|is day
(define-fun p19 () Bool (or (not v15) (= v12 3)))
(declare-const v16 Bool) ; arg.z|is moment
(define-fun p20 () Bool (or (not v16) (= v12 3)))
(declare-const v17 Int) ; arg.z|length
(define-fun p21 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p9 p11 p12 p13 (>= v11 0) p14 p16 p18 p19 p20 (>= v17 0)))
(declare-const v18 Int) ; day
(define-fun p22 () Bool (and (>= v18 739941) (<= v18 741078)))
(declare-const v19 Bool) ; arg.v|present
(declare-const v20 Bool) ; arg.x|present
(declare-const v21 Bool) ; arg.z|present
(declare-const v22 Real) ; arg.z|amount
(define-fun p23 () Bool (and (= v12 2) (= v22 1.0)))
(define-fun p24 () Bool (and v21 p23))
(define-fun p25 () Bool (or p24 (not v21)))
(define-fun p26 () Bool (and (not v19) v20 p25))
(declare-const v23 Real) ; arg.v|amount
(define-fun p27 () Bool (and (= v0 2) (= v23 1.0)))
(define-fun p28 () Bool (and v19 p27))
(define-fun p29 () Bool (or p28 (not v19)))
(define-fun p30 () Bool (and (not v21) v20 p29))
(define-fun p31 () Bool (and p26 (not p30)))
(define-fun p32 () Bool (and p22 p31))
(define-fun p33 () Bool (and p21 p32))
(assert p33)

; --- next
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Bool) ; arg.x|passes max_length["int 5"][]
(define-fun p7 () Bool (or (not v6) (= v0 3)))
(declare-const v7 Bool) ; arg.x|passes max_length["int 4"][]
(define-fun p8 () Bool (or (not v7) (= v0 3)))
(define-fun p9 () Bool (or (not v7) v6))
(define-fun p10 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p8 p9))
(declare-const v8 Int) ; day
(define-fun p11 () Bool (and (>= v8 739941) (<= v8 741078)))
(declare-const v9 Bool) ; arg.x|present
(define-fun p12 () Bool (and v9 v6))
(define-fun p13 () Bool (and v9 v7))
(define-fun p14 () Bool (and p12 (not p13)))
(define-fun p15 () Bool (and p11 p14))
(define-fun p16 () Bool (and p10 p15))
(assert p16)

; --- next
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(define-fun p7 () Bool (and p0 p2 p4 p5 p6 (>= v5 0)))
(declare-const v6 Int) ; day
(define-fun p8 () Bool (and (>= v6 739941) (<= v6 741078)))
(declare-const v7 Bool) ; arg.x|present
(declare-const v8 Real) ; arg.x|amount
(define-fun p9 () Bool (and (= v0 2) (= v8 1.0)))
(define-fun p10 () Bool (and v7 p9))
(define-fun p11 () Bool (and (= v0 2) (= v8 2.0)))
(define-fun p12 () Bool (and v7 p11))
(define-fun p13 () Bool (or p10 p12))
(define-fun p14 () Bool (and p10 (not p13)))
(define-fun p15 () Bool (and p10 p10))
(define-fun p16 () Bool (and p13 (not p13)))
(define-fun p17 () Bool (and p10 p16))
(define-fun p18 () Bool (and p10 (not p10)))
(define-fun p19 () Bool (and p18 p10))
(define-fun p20 () Bool (and p18 p12))
(define-fun p21 () Bool (or p14 p15 p17 p19 p20))
(define-fun p22 () Bool (and p8 p21))
(define-fun p23 () Bool (and p7 p22))
(assert p23)

; --- next
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(define-fun p7 () Bool (and p0 p2 p4 p5 p6 (>= v5 0)))
(declare-const v6 Int) ; day
(define-fun p8 () Bool (and (>= v6 739941) (<= v6 741078)))
(declare-const v7 Bool) ; arg.x|present
(define-fun p9 () Bool (and p8 v7))
(define-fun p10 () Bool (and p7 p9))
(assert p10)
